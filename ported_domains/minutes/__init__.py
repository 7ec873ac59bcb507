"""Minutes of the foundation's board meetings."""

from ported_domains.domain import Domain
from ported_domains.minutes.mapping import MAPPING
from ported_domains.minutes.pages import PAGES

MINUTES = Domain(
    name="minutes",
    mapping=MAPPING,
    handlers=PAGES,
    reads=("boxes", "chrome", "pages"),
    # Staff see drafts, and are known by their sessions.
    needs=("legacy_database_url", "legacy_secret_key"),
)
