"""Examples of code in the slider of the home page (behaviour/codesamples.md)."""

from sqlalchemy.orm import Mapped, mapped_column

from legacy_bridge.replication.mapping import TableMapping, same
from ported_domains.domain import Authored, Domain, Keyed, Record
from ported_domains.shared.columns import AUTHORED, MarkupType, markup


class CodeSample(Keyed, Authored, Record):
    __tablename__ = "code_samples"

    code: Mapped[str]
    code_markup_type: Mapped[MarkupType]
    code_rendered: Mapped[str]
    copy: Mapped[str]
    copy_markup_type: Mapped[MarkupType]
    copy_rendered: Mapped[str]
    is_published: Mapped[bool] = mapped_column(index=True)


CODESAMPLES = Domain(
    name="codesamples",
    mapping=(
        TableMapping(
            legacy="codesamples_codesample",
            native="code_samples",
            columns=(*AUTHORED, *markup("code", "copy"), *same("is_published")),
        ),
    ),
)
