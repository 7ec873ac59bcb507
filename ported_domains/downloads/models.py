"""Operating systems, releases and the files of each release (behaviour/downloads.md §2)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ColumnElement, Index, String, and_, column, or_
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ported_domains.domain import Authored, Keyed, Named, Record
from ported_domains.pages.models import Page
from ported_domains.shared.columns import refers_to

URL_COLUMNS = (
    "url",
    "gpg_signature_file",
    "sigstore_signature_file",
    "sigstore_cert_file",
    "sigstore_bundle_file",
    "sbom_spdx2_file",
)
BUTTON_INDEX = "uq_release_files_download_button"
"""At most one file of a release is offered to an operating system."""


def _only_own_urls() -> CheckConstraint:
    def own(name: str) -> ColumnElement[bool]:
        value = column(name, String)
        return or_(
            value == "",
            value.like("https://www.python.org/%"),
            value.like("http://www.python.org/%"),
        )

    return CheckConstraint(and_(*(own(name) for name in URL_COLUMNS)), name="own_urls")


class OperatingSystem(Keyed, Authored, Named, Record):
    __tablename__ = "operating_systems"


class Release(Keyed, Authored, Named, Record):
    __tablename__ = "releases"

    version: Mapped[int]
    is_latest: Mapped[bool] = mapped_column(index=True)
    is_published: Mapped[bool] = mapped_column(index=True)
    pre_release: Mapped[bool] = mapped_column(index=True)
    show_on_download_page: Mapped[bool] = mapped_column(index=True)
    release_date: Mapped[datetime]
    release_page_id: Mapped[int | None] = mapped_column(refers_to(Page.id), index=True)
    release_notes_url: Mapped[str] = mapped_column(String(200))
    content: Mapped[str]
    content_markup_type: Mapped[str] = mapped_column(String(30))
    content_rendered: Mapped[str]

    release_page: Mapped[Page | None] = relationship(lazy="raise")
    files: Mapped[list["ReleaseFile"]] = relationship(back_populates="release", lazy="raise")


class ReleaseFile(Keyed, Authored, Named, Record):
    __tablename__ = "release_files"
    __table_args__ = (
        _only_own_urls(),
        Index(
            BUTTON_INDEX,
            "os_id",
            "release_id",
            unique=True,
            postgresql_where=column("download_button"),
        ),
    )

    os_id: Mapped[int] = mapped_column(refers_to(OperatingSystem.id), index=True)
    release_id: Mapped[int] = mapped_column(refers_to(Release.id), index=True)
    description: Mapped[str]
    is_source: Mapped[bool]
    url: Mapped[str] = mapped_column(String(200), unique=True)
    gpg_signature_file: Mapped[str] = mapped_column(String(200))
    sigstore_signature_file: Mapped[str] = mapped_column(String(200))
    sigstore_cert_file: Mapped[str] = mapped_column(String(200))
    sigstore_bundle_file: Mapped[str] = mapped_column(String(200))
    sbom_spdx2_file: Mapped[str] = mapped_column(String(200))
    md5_sum: Mapped[str] = mapped_column(String(200))
    sha256_sum: Mapped[str] = mapped_column(String(200))
    filesize: Mapped[int]
    download_button: Mapped[bool]

    os: Mapped[OperatingSystem] = relationship(lazy="raise")
    release: Mapped[Release] = relationship(back_populates="files", lazy="raise")
