"""The tag libraries of the site's own apps, as behaviour/*.md describes them."""

from collections.abc import Sequence

from legacy_bridge.templates.library import Library
from ported_domains.templatetags.downloads import download_tags
from ported_domains.templatetags.pages import (
    banners,
    blogs,
    boxes,
    cms,
    community,
    companies,
    events,
    nominations,
    successstories,
    users_tags,
)
from ported_domains.templatetags.sponsors import sponsors

LIBRARIES: Sequence[Library] = (
    banners,
    blogs,
    boxes,
    cms,
    community,
    companies,
    download_tags,
    events,
    nominations,
    sponsors,
    successstories,
    users_tags,
)
