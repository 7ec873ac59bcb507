"""The values that are handed over: a picture, a text, a file, a yes or a no."""

from uuid import UUID

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ported_domains.domain import Keyed, Record
from ported_domains.shared.columns import refers_to
from ported_domains.sponsors.models.columns import Polymorphic, not_negative
from ported_domains.users.models import ContentType


class GenericAsset(Keyed, Polymorphic, Record):
    """Belongs to a sponsor or a sponsorship: the row `object_id` of what its content type names.

    The database cannot check that, on either side: rows may be left whose owner is gone.
    """

    __tablename__ = "generic_assets"
    __table_args__ = (UniqueConstraint("content_type_id", "object_id", "internal_name"),)

    uuid: Mapped[UUID]
    content_type_id: Mapped[int] = mapped_column(refers_to(ContentType.id))
    object_id: Mapped[int] = not_negative("object_id")
    internal_name: Mapped[str] = mapped_column(String(128), index=True)


class _OneKind(GenericAsset):
    __abstract__ = True

    genericasset_ptr_id: Mapped[int] = mapped_column(refers_to(GenericAsset.id), primary_key=True)


class ImgAsset(_OneKind):
    __tablename__ = "img_assets"

    image: Mapped[str | None] = mapped_column(String(100))


class TextAsset(_OneKind):
    __tablename__ = "text_assets"

    text: Mapped[str]


class FileAsset(_OneKind):
    __tablename__ = "file_assets"

    file: Mapped[str | None] = mapped_column(String(100))


class ResponseAsset(_OneKind):
    __tablename__ = "response_assets"

    response: Mapped[str | None] = mapped_column(String(32))
