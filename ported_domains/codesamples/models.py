"""Code, and a text about it (behaviour/codesamples.md)."""

from sqlalchemy.orm import Mapped, mapped_column

from ported_domains.domain import Authored, Keyed, Record
from ported_domains.shared.columns import MarkupType


class CodeSample(Keyed, Authored, Record):
    __tablename__ = "code_samples"

    code: Mapped[str]
    code_markup_type: Mapped[MarkupType]
    code_rendered: Mapped[str]
    copy: Mapped[str]
    copy_markup_type: Mapped[MarkupType]
    copy_rendered: Mapped[str]
    is_published: Mapped[bool] = mapped_column(index=True)
