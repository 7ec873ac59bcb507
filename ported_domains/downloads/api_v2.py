"""API v2 of the domain: which fields it shows, in which order, and its filters (C.4, C.5)."""

from typing import Any

from ported_domains.downloads.models import BUTTON_INDEX, OperatingSystem, Release, ReleaseFile
from ported_domains.downloads.store import OperatingSystems, ReleaseFiles, Releases
from ported_domains.downloads.wording import HELP_TEXTS, VERBOSE_NAMES
from ported_domains.pages.models import Page
from ported_domains.shared.api.v2.filters import (
    Boolean,
    Choice,
    Contains,
    Exact,
    Moment,
    Reference,
)
from ported_domains.shared.api.v2.resource import RESOURCE_URI, Field, Resource, Together
from ported_domains.shared.api.v2.routes import routes

VERSIONS = {
    3: "Python 3.x.x",
    2: "Python 2.x.x",
    1: "Python 1.x.x",
    100: "Python install manager",
}
INTEGER = {"min_value": -(2**31), "max_value": 2**31 - 1}


def _field(column: Any, kind: str, **stated: Any) -> Field:
    """A field named as its column, in the words of the domain."""
    name = stated.pop("name", column.key)
    verbose_name = VERBOSE_NAMES.get(name, name.replace("_", " "))
    return Field(
        name=name,
        column=column,
        kind=kind,
        label=verbose_name[0].upper() + verbose_name[1:],
        help_text=HELP_TEXTS.get(name, ""),
        **stated,
    )


def _named(model: type[OperatingSystem | Release | ReleaseFile]) -> tuple[Field, Field]:
    return (
        _field(model.name, "string", required=True, limits={"max_length": 200}),
        _field(model.slug, "slug", required=True, unique=True, limits={"max_length": 200}),
    )


def _url(column: Any, **stated: Any) -> Field:
    return _field(column, "url", limits={"max_length": 200}, **stated)


OS = Resource(
    name="downloads/os",
    model="OS",
    label="Os",
    store=OperatingSystems(),
    called="Operating System",
    key=OperatingSystem.id,
    order=(OperatingSystem.name,),
    fields=(*_named(OperatingSystem), RESOURCE_URI),
    filters=(Exact(OperatingSystem.name, "name"), Exact(OperatingSystem.slug, "slug")),
)

RELEASE = Resource(
    name="downloads/release",
    model="Release",
    label="Release",
    store=Releases(),
    called="Release",
    key=Release.id,
    order=(Release.name,),
    published=Release.is_published,
    fields=(
        *_named(Release),
        _field(Release.version, "choice", choices=VERSIONS),
        _field(Release.is_published, "boolean"),
        _field(Release.is_latest, "boolean"),
        _field(Release.release_date, "datetime"),
        _field(Release.pre_release, "boolean"),
        _field(
            Release.release_page_id,
            "field",
            name="release_page",
            link="pages/page",
            refers_to=Page.id,
            nullable=True,
        ),
        _url(Release.release_notes_url),
        _field(Release.show_on_download_page, "boolean"),
        RESOURCE_URI,
    ),
    filters=(
        Exact(Release.name, "name"),
        Exact(Release.slug, "slug"),
        Boolean(Release.is_published, "is_published"),
        Boolean(Release.pre_release, "pre_release"),
        Choice(Release.version, "version", choices=tuple(VERSIONS)),
        Moment(Release.release_date, "release_date"),
    ),
)

_RELEASE_OF_FILE = _field(
    ReleaseFile.release_id,
    "field",
    name="release",
    link=RELEASE.name,
    refers_to=Release.id,
    required=True,
)

RELEASE_FILE = Resource(
    name="downloads/release_file",
    model="ReleaseFile",
    label="Release File",
    key=ReleaseFile.id,
    joined=(ReleaseFile.release, ReleaseFile.os),
    order=(Release.is_published.desc(), Release.name, OperatingSystem.name, ReleaseFile.name),
    strict=True,
    fields=(
        *_named(ReleaseFile),
        _field(
            ReleaseFile.os_id,
            "field",
            name="os",
            link=OS.name,
            refers_to=OperatingSystem.id,
            required=True,
        ),
        _RELEASE_OF_FILE,
        _field(ReleaseFile.description, "string"),
        _field(ReleaseFile.is_source, "boolean"),
        _url(ReleaseFile.url, required=True, unique=True),
        _url(ReleaseFile.gpg_signature_file),
        _field(ReleaseFile.md5_sum, "string", limits={"max_length": 200}),
        _field(ReleaseFile.sha256_sum, "string", limits={"max_length": 200}),
        _field(ReleaseFile.filesize, "integer", limits=INTEGER),
        _field(ReleaseFile.download_button, "boolean"),
        RESOURCE_URI,
        _url(ReleaseFile.sigstore_signature_file),
        _url(ReleaseFile.sigstore_cert_file),
        _url(ReleaseFile.sigstore_bundle_file),
        _url(ReleaseFile.sbom_spdx2_file),
    ),
    filters=(
        Exact(ReleaseFile.name, "name"),
        Exact(ReleaseFile.slug, "slug"),
        Contains(ReleaseFile.description, "description__contains"),
        Reference(ReleaseFile.os_id, "os", refers_to=OperatingSystem.id),
        Reference(ReleaseFile.release_id, "release", refers_to=Release.id),
    ),
    write_actions={"delete_by_release": _RELEASE_OF_FILE},
    store=ReleaseFiles(),
    called="Release File",
    together=(
        # Also for a file without a button, though such a file takes nothing away.
        Together(
            fields=("os", "release"),
            taken_by=ReleaseFile.download_button,
            index=BUTTON_INDEX,
        ),
    ),
)

ROUTES = (*routes(OS), *routes(RELEASE), *routes(RELEASE_FILE))
