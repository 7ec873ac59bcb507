"""API v1 of the domain: which fields it shows, and which may be filtered (api.md B.8, B.9).

Names shown for people (`verbose_name`, `help_text`) are part of `schema/`.
"""

from datetime import UTC, datetime

from ported_domains.downloads.models import OperatingSystem, Release, ReleaseFile
from ported_domains.shared.api.v1.resource import (
    ALL_LOOKUPS,
    RESOURCE_URI,
    WITH_RELATIONS,
    Field,
    Resource,
)
from ported_domains.shared.api.v1.routes import routes

EXACT = ("exact",)


def _now() -> datetime:
    return datetime.now(UTC)


OS = Resource(
    name="downloads/os",
    model=OperatingSystem,
    key=OperatingSystem.id,
    order=(OperatingSystem.name,),
    fields=(
        Field(name="name", column=OperatingSystem.name, filtering=EXACT),
        RESOURCE_URI,
        Field(name="slug", column=OperatingSystem.slug, filtering=EXACT, unique=True),
    ),
)

RELEASE = Resource(
    name="downloads/release",
    model=Release,
    key=Release.id,
    order=(Release.name,),
    published=Release.is_published,
    fields=(
        Field(
            name="is_latest",
            kind="boolean",
            column=Release.is_latest,
            default=False,
            verbose_name="latest",
            help_text="The newest of its version; takes the mark away from the others.",
        ),
        Field(
            name="is_published",
            kind="boolean",
            column=Release.is_published,
            filtering=EXACT,
            default=False,
            verbose_name="published",
            help_text="Shown in lists, feeds and the API.",
        ),
        Field(name="name", column=Release.name, filtering=EXACT),
        Field(
            name="pre_release",
            kind="boolean",
            column=Release.pre_release,
            filtering=EXACT,
            default=False,
            help_text="Alpha, beta or release candidate.",
        ),
        Field(
            name="release_date",
            kind="datetime",
            column=Release.release_date,
            # Not the name of any lookup, so that every lookup is refused.
            filtering=(ALL_LOOKUPS,),
            default=_now,
        ),
        Field(
            name="release_notes_url",
            column=Release.release_notes_url,
            default="",
            blank=True,
            verbose_name="Release Notes URL",
        ),
        Field(
            name="release_page",
            kind="related",
            column=Release.release_page_id,
            related="pages/page",
            blank=True,
            nullable=True,
        ),
        RESOURCE_URI,
        Field(
            name="show_on_download_page",
            kind="boolean",
            column=Release.show_on_download_page,
            default=True,
            help_text="Listed on /downloads/.",
        ),
        Field(name="slug", column=Release.slug, filtering=EXACT, unique=True),
        Field(
            name="version",
            kind="integer",
            column=Release.version,
            filtering=("exact", "startswith"),
            default=3,
        ),
    ),
)


def _url(name: str, label: str) -> Field:
    return Field(
        name=name,
        column=getattr(ReleaseFile, name),
        default="",
        blank=True,
        verbose_name=f"{label} URL",
        help_text={"GPG SIG": "GPG Signature"}.get(label, label) + " URL",
    )


RELEASE_FILE = Resource(
    name="downloads/release_file",
    model=ReleaseFile,
    key=ReleaseFile.id,
    joined=(ReleaseFile.release, ReleaseFile.os),
    order=(
        Release.is_published.desc(),
        Release.name,
        OperatingSystem.name,
        ReleaseFile.name,
    ),
    list_methods=("get", "post", "delete"),
    fields=(
        Field(
            name="description",
            column=ReleaseFile.description,
            filtering=("contains",),
            default="",
            blank=True,
        ),
        Field(
            name="download_button",
            kind="boolean",
            column=ReleaseFile.download_button,
            default=False,
            help_text="Use for the supernav download button for this OS",
        ),
        Field(name="filesize", kind="integer", column=ReleaseFile.filesize, default=0),
        _url("gpg_signature_file", "GPG SIG"),
        Field(
            name="is_source",
            kind="boolean",
            column=ReleaseFile.is_source,
            default=False,
            verbose_name="Is Source Distribution",
        ),
        Field(
            name="md5_sum",
            column=ReleaseFile.md5_sum,
            default="",
            blank=True,
            verbose_name="MD5 Sum",
        ),
        Field(name="name", column=ReleaseFile.name, filtering=EXACT),
        Field(
            name="os",
            kind="related",
            column=ReleaseFile.os_id,
            filtering=WITH_RELATIONS,
            related=OS.name,
            target=OS,
        ),
        Field(
            name="release",
            kind="related",
            column=ReleaseFile.release_id,
            filtering=WITH_RELATIONS,
            related=RELEASE.name,
            target=RELEASE,
        ),
        RESOURCE_URI,
        _url("sbom_spdx2_file", "SPDX-2 SBOM"),
        Field(
            name="sha256_sum",
            column=ReleaseFile.sha256_sum,
            default="",
            blank=True,
            verbose_name="SHA256 Sum",
        ),
        _url("sigstore_bundle_file", "Sigstore Bundle"),
        _url("sigstore_cert_file", "Sigstore Cert"),
        _url("sigstore_signature_file", "Sigstore Signature"),
        Field(name="slug", column=ReleaseFile.slug, filtering=EXACT, unique=True),
        Field(
            name="url",
            column=ReleaseFile.url,
            unique=True,
            verbose_name="URL",
            help_text="Download URL",
        ),
    ),
)

ROUTES = (*routes(OS), *routes(RELEASE), *routes(RELEASE_FILE))
