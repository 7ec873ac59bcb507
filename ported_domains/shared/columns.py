"""Columns that the tables of many domains share: in the models, and in the mappings."""

from typing import Annotated, Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import InstrumentedAttribute, mapped_column

from legacy_bridge.replication.mapping import Column, same

MarkupType = Annotated[str, mapped_column(String(30))]
"""How the text beside it is written: html, plain, markdown or restructuredtext."""

AUTHORED = same("id", "created", "updated", "creator_id", "last_modified_by_id")
NAMED = same("name", "slug")


def refers_to(key: InstrumentedAttribute[Any] | str) -> ForeignKey:
    """As Django refers to rows: checked at commit, so that rows may arrive in any order.

    For rows of one domain, or of one that it `reads`; `Authored` says why not for others.
    """
    return ForeignKey(key, deferrable=True, initially="DEFERRED")


def markup(*names: str) -> tuple[Column, ...]:
    """Texts, how each is written, and the HTML that was made of it when it was saved."""
    return tuple(
        column
        for name in names
        for column in (
            *same(name, f"{name}_markup_type"),
            Column(f"_{name}_rendered", f"{name}_rendered"),
        )
    )
