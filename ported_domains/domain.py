"""What a ported domain is: its name, its rows, how they map to Django's, who answers its URLs."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from litestar.types import ControllerRouterHandler
from sqlalchemy import DateTime, Identity, Integer, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from legacy_bridge.manifest.model import Manifest
from legacy_bridge.replication.mapping import TableMapping

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Record(DeclarativeBase):
    """A row of the native database. Integer keys are equal on both sides (tables.md)."""

    metadata = metadata
    type_annotation_map: ClassVar = {datetime: DateTime(timezone=True), str: Text()}


class Keyed:
    """The integer key of a Django row; "by default" so that the bridge may write it."""

    id: Mapped[int] = mapped_column(Integer, Identity(always=False), primary_key=True)


class Authored:
    """Who made and last changed a row, and when ("content manageable" in the legacy site).

    The authors are ids of users without a foreign key: a domain is copied by itself, and must not
    be refused because the rows of users are those of another moment, or not there at all.
    """

    created: Mapped[datetime] = mapped_column(index=True)
    updated: Mapped[datetime]
    creator_id: Mapped[int | None] = mapped_column(Integer, index=True)
    last_modified_by_id: Mapped[int | None] = mapped_column(Integer, index=True)


class Named:
    """A name and the slug made from it."""

    name: Mapped[str] = mapped_column(String(200))
    slug: Mapped[str] = mapped_column(String(200), unique=True)


Beyond = Callable[..., Awaitable[Any]]
"""Takes visit, visitor, show and reader; gives an `Answer` or None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """One part of the site that moves as a whole.

    `reads` names the domains below whose rows this one shows; a copy brings them along.
    `handlers` may be empty: then the domain has rows but answers no URL natively yet.
    With `shares_rows` the handlers read and write the legacy database, as sessions are, so that
    the domain can be flipped without carrying its rows back. `needs` names the settings without
    which its handlers cannot answer, `misfits` says what else keeps them from doing as the legacy
    project does. `beyond` are asked, one after the other, what a path means that no handler of any
    domain answers (`shared/beyond.py`); with `catches_all` they stand for all that the legacy app
    of the domain's name answers, so that its URL patterns need no handlers.
    """

    name: str
    mapping: Sequence[TableMapping]
    handlers: Sequence[ControllerRouterHandler] = field(default=())
    reads: Sequence[str] = field(default=())
    shares_rows: bool = False
    needs: Sequence[str] = field(default=())
    misfits: Callable[[Manifest], Iterable[str]] | None = None
    beyond: Sequence[Beyond] = field(default=())
    catches_all: bool = False


def with_what_it_reads(domain: Domain, domains: Mapping[str, Domain]) -> frozenset[str]:
    """The names of `domain` and of all of `domains` that it reads, be it by way of others."""
    below = (domains[name] for name in domain.reads if name in domains)
    return frozenset({domain.name}).union(*(with_what_it_reads(one, domains) for one in below))


def tables_shown(domain: Domain, domains: Mapping[str, Domain]) -> frozenset[str]:
    """The native tables of `domain` and of all of `domains` that it reads."""
    known = {**domains, domain.name: domain}
    shown = with_what_it_reads(domain, domains)
    return frozenset(mapping.native for name in shown for mapping in known[name].mapping)
