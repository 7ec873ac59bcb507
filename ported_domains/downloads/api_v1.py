"""API v1 of the domain: which fields it shows, and which may be filtered (api.md B.8, B.9)."""

from datetime import UTC, datetime
from typing import Any

from ported_domains.downloads.models import OperatingSystem, Release, ReleaseFile
from ported_domains.downloads.store import OperatingSystems, ReleaseFiles, Releases
from ported_domains.downloads.wording import HELP_TEXTS, VERBOSE_NAMES
from ported_domains.pages.models import Page
from ported_domains.shared.api.v1.resource import (
    ALL_LOOKUPS,
    RESOURCE_URI,
    WITH_RELATIONS,
    Field,
    Resource,
)
from ported_domains.shared.api.v1.routes import routes

EXACT = ("exact",)


def _field(column: Any, **stated: Any) -> Field:
    """A field named as its column, in the words of the domain."""
    name = stated.pop("name", column.key)
    return Field(
        name=name,
        column=column,
        verbose_name=VERBOSE_NAMES.get(name, ""),
        help_text=HELP_TEXTS.get(name, ""),
        **stated,
    )


def _optional(column: Any) -> Field:
    return _field(column, default="", blank=True)


def _now() -> datetime:
    return datetime.now(UTC)


_PAGE = Resource(
    name="pages/page", key=Page.id, published=Page.is_published, fields=(), order=(Page.id,)
)
"""As far as releases point to it."""

OS = Resource(
    name="downloads/os",
    key=OperatingSystem.id,
    store=OperatingSystems(),
    order=(OperatingSystem.name,),
    fields=(
        _field(OperatingSystem.name, filtering=EXACT),
        RESOURCE_URI,
        _field(OperatingSystem.slug, filtering=EXACT, unique=True),
    ),
)

RELEASE = Resource(
    name="downloads/release",
    key=Release.id,
    store=Releases(),
    order=(Release.name,),
    published=Release.is_published,
    fields=(
        _field(Release.is_latest, kind="boolean", default=False),
        _field(Release.is_published, kind="boolean", filtering=EXACT, default=False),
        _field(Release.name, filtering=EXACT),
        _field(Release.pre_release, kind="boolean", filtering=EXACT, default=False),
        # Not the name of any lookup, so that every lookup is refused.
        _field(Release.release_date, kind="datetime", filtering=(ALL_LOOKUPS,), default=_now),
        _optional(Release.release_notes_url),
        _field(
            Release.release_page_id,
            name="release_page",
            kind="related",
            related=_PAGE.name,
            target=_PAGE,
            blank=True,
            nullable=True,
        ),
        RESOURCE_URI,
        _field(Release.show_on_download_page, kind="boolean", default=True),
        _field(Release.slug, filtering=EXACT, unique=True),
        _field(Release.version, kind="integer", filtering=("exact", "startswith"), default=3),
    ),
)

RELEASE_FILE = Resource(
    name="downloads/release_file",
    key=ReleaseFile.id,
    store=ReleaseFiles(),
    joined=(ReleaseFile.release, ReleaseFile.os),
    order=(Release.is_published.desc(), Release.name, OperatingSystem.name, ReleaseFile.name),
    list_methods=("get", "post", "delete"),
    fields=(
        _field(ReleaseFile.description, filtering=("contains",), default="", blank=True),
        _field(ReleaseFile.download_button, kind="boolean", default=False),
        _field(ReleaseFile.filesize, kind="integer", default=0),
        _optional(ReleaseFile.gpg_signature_file),
        _field(ReleaseFile.is_source, kind="boolean", default=False),
        _optional(ReleaseFile.md5_sum),
        _field(ReleaseFile.name, filtering=EXACT),
        _field(
            ReleaseFile.os_id,
            name="os",
            kind="related",
            filtering=WITH_RELATIONS,
            related=OS.name,
            target=OS,
        ),
        _field(
            ReleaseFile.release_id,
            name="release",
            kind="related",
            filtering=WITH_RELATIONS,
            related=RELEASE.name,
            target=RELEASE,
        ),
        RESOURCE_URI,
        _optional(ReleaseFile.sbom_spdx2_file),
        _optional(ReleaseFile.sha256_sum),
        _optional(ReleaseFile.sigstore_bundle_file),
        _optional(ReleaseFile.sigstore_cert_file),
        _optional(ReleaseFile.sigstore_signature_file),
        _field(ReleaseFile.slug, filtering=EXACT, unique=True),
        _field(ReleaseFile.url, unique=True),
    ),
)

ROUTES = (*routes(OS), *routes(RELEASE), *routes(RELEASE_FILE))
