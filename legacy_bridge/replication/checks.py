"""Whether a mapping fits the two tables it names: all faults at once, before any row moves."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from legacy_bridge.replication.catalogue import ColumnFacts, TableFacts
from legacy_bridge.replication.mapping import IDENTITY, Column, Kind, TableMapping


@dataclass(frozen=True, slots=True)
class Misfit:
    """`refused`: no copy with this mapping. Otherwise it is told, and rows decide."""

    table: str
    column: str | None
    fault: str
    remedy: str
    refused: bool = True

    def __str__(self) -> str:
        place = f"{self.table}.{self.column}" if self.column else self.table
        return f"{place}: {self.fault} — {self.remedy}"


# Every value of the first type is, unchanged, a value of the second.
WIDER = {
    ("smallint", "integer"),
    ("smallint", "bigint"),
    ("integer", "bigint"),
    ("real", "double precision"),
    ("character varying", "text"),
    ("text", "character varying"),  # lengths are looked at apart
}


def misfits(mapping: TableMapping, legacy: TableFacts, native: TableFacts) -> list[Misfit]:
    """Every reason why rows of `legacy` could not become rows of `native`, and go back."""
    return [
        *_twice(mapping),
        *_absent(mapping, legacy, native),
        *_unmapped(mapping, legacy),
        *_unfed(mapping, native),
        *_key(mapping, legacy, native),
        *_unlike(mapping, legacy, native),
        *_references(native),
    ]


def back_misfits(mapping: TableMapping, legacy: TableFacts, native: TableFacts) -> list[Misfit]:
    """Every reason why rows of the native side could not become rows of `legacy`: one that is
    `refused` keeps the domain from being given to the native side. For a mapping whose columns are
    there (`misfits`); columns of the native side alone stay there."""
    return [
        *_one_way(mapping),
        *_unfed_back(mapping, legacy),
        *_too_wide(mapping, legacy, native),
        *_acting_back(legacy),
    ]


def _one_way(mapping: TableMapping) -> Iterator[Misfit]:
    for column in mapping.columns:
        if column.transform.kind is Kind.FORWARD_ONLY:
            yield Misfit(
                mapping.native,
                column.native,
                (
                    f"has no way back to {mapping.legacy}.{column.legacy}: its transform "
                    f"{column.transform.name} is forward-only"
                ),
                "declare a transform with both directions before the native side owns the domain",
            )


def _unfed_back(mapping: TableMapping, legacy: TableFacts) -> Iterator[Misfit]:
    fed = {c.legacy for c in mapping.columns if c.transform.kind is not Kind.FORWARD_ONLY}
    for name, facts in legacy.columns.items():
        if name not in fed and not (facts.nullable or facts.has_default or facts.generated):
            yield Misfit(
                mapping.legacy,
                name,
                "must not be null, has no default, and no native column leads back to it",
                (
                    "map a native column to it, or let the owner of the table run: "
                    f"ALTER TABLE {mapping.legacy} ALTER {name} SET DEFAULT …;"
                ),
            )


def _too_wide(mapping: TableMapping, legacy: TableFacts, native: TableFacts) -> Iterator[Misfit]:
    """Of values that come back as they are; a transform answers for its own."""
    for column in mapping.columns:
        to, from_ = legacy.columns.get(column.legacy), native.columns.get(column.native)
        if not (to and from_):
            continue
        fault = f"is {to.type}, {mapping.native}.{column.native} is {from_.type}"
        if column.transform is IDENTITY and _narrows(from_, to):
            remedy = "native rows with larger values will be quarantined on their way back"
            yield Misfit(mapping.legacy, column.legacy, fault, remedy, refused=False)
        if column.transform.kind is not Kind.FORWARD_ONLY and from_.nullable and not to.nullable:
            yield Misfit(
                mapping.legacy,
                column.legacy,
                f"must not be null, {mapping.native}.{column.native} may be",
                "native rows with NULL there will be quarantined on their way back",
                refused=False,
            )


def _narrows(from_: ColumnFacts, to: ColumnFacts) -> bool:
    """Whether the second type does not take every value of the first."""
    if {from_.base, to.base} <= {"text", "character varying"}:
        return _length(from_.type) > _length(to.type)
    if from_.base != to.base:
        return (from_.base, to.base) not in WIDER
    return to.type not in (from_.type, to.base)


def _acting_back(legacy: TableFacts) -> Iterator[Misfit]:
    """Rows are taken out for a moment where values change places among them, and nothing of what
    is changed with rows on their way is carried."""
    for reference in (*legacy.references, *legacy.referenced_by):
        if reference.acts:
            yield Misfit(
                reference.table,
                ", ".join(reference.columns),
                f"its foreign key {reference.name} deletes or changes rows by itself, which would "
                "be lost on the way back",
                "declare it with NO ACTION, as Django does, before the native side owns the domain",
            )
    for trigger in legacy.triggers:
        yield Misfit(
            legacy.name,
            None,
            f"its trigger {trigger} runs for rows on their way back, and what it changes is not "
            "carried to the native side",
            "unless it should, make it anew with "
            "WHEN (current_setting('strangler.applies', true) IS DISTINCT FROM 'on')",
            refused=False,
        )


def _twice(mapping: TableMapping) -> Iterator[Misfit]:
    sides = (
        (mapping.legacy, [column.legacy for column in mapping.columns]),
        (mapping.native, [column.native for column in mapping.columns]),
    )
    for table, names in sides:
        for name in _repeated(names):
            yield Misfit(table, name, "is mapped twice", "keep one of the two")
    for column in mapping.columns:
        if column.legacy in mapping.left_out:
            fault = "is mapped and left out at the same time"
            yield Misfit(mapping.legacy, column.legacy, fault, "keep one of the two")


def _repeated(names: Sequence[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


def _absent(mapping: TableMapping, legacy: TableFacts, native: TableFacts) -> Iterator[Misfit]:
    for column in mapping.columns:
        if column.legacy not in legacy.columns:
            yield Misfit(
                mapping.legacy,
                column.legacy,
                f"is mapped to {mapping.native}.{column.native}, but the table has no such column",
                f"correct the name in the mapping; {_has(legacy)}",
            )
        if column.native not in native.columns:
            yield Misfit(
                mapping.native,
                column.native,
                f"is fed from {mapping.legacy}.{column.legacy}, but the table has no such column",
                f"run `strangler db upgrade`, or correct the mapping; {_has(native)}",
            )
        elif native.columns[column.native].generated:
            fault = "is computed by the database and cannot be written"
            yield Misfit(mapping.native, column.native, fault, "leave it out of the mapping")
    for name in mapping.left_out:
        if name not in legacy.columns:
            fault = "is left out, but the table has no such column"
            yield Misfit(mapping.legacy, name, fault, "remove it from `left_out`")


def _has(table: TableFacts) -> str:
    return f"it has {', '.join(table.columns)}"


def _unmapped(mapping: TableMapping, legacy: TableFacts) -> Iterator[Misfit]:
    known = {column.legacy for column in mapping.columns} | set(mapping.left_out)
    for name in legacy.columns:
        if name not in known:
            yield Misfit(
                mapping.legacy,
                name,
                "is not in the mapping: its values would be lost",
                "map it, or state in `left_out` why it stays behind",
            )


def _unfed(mapping: TableMapping, native: TableFacts) -> Iterator[Misfit]:
    fed = {column.native for column in mapping.columns}
    for name, facts in native.columns.items():
        if name not in fed and not (facts.nullable or facts.has_default or facts.generated):
            yield Misfit(
                mapping.native,
                name,
                "must not be null, has no default, and no legacy column leads to it",
                "map a legacy column to it, or give it a default in the database",
            )


def _key(mapping: TableMapping, legacy: TableFacts, native: TableFacts) -> Iterator[Misfit]:
    by_native = {column.native: column for column in mapping.columns}
    for name in mapping.key:
        if name not in by_native:
            fault = "belongs to the key, but no legacy column leads to it"
            yield Misfit(mapping.native, name, fault, "map it, or correct `key`")
            return
        if by_native[name].transform.kind is not Kind.LOSSLESS:
            fault = f"belongs to the key, but its transform is {by_native[name].transform.kind}"
            yield Misfit(mapping.native, name, fault, "only lossless values can identify a row")
    if not mapping.key:
        yield Misfit(mapping.native, None, "has no key", "name its key columns in `key`")
        return
    for table, names in (
        (legacy, {by_native[name].legacy for name in mapping.key}),
        (native, set(mapping.key)),
    ):
        if not any(unique <= names for unique in table.unique):
            columns = ", ".join(sorted(names))
            fault = f"nothing keeps the key ({columns}) unique"
            yield Misfit(table.name, None, fault, "choose the columns of a unique constraint")
        for name in sorted(names & table.columns.keys()):
            if table.columns[name].nullable:
                fault = "belongs to the key and may be null"
                yield Misfit(table.name, name, fault, "choose columns that are never null")


def _unlike(mapping: TableMapping, legacy: TableFacts, native: TableFacts) -> Iterator[Misfit]:
    for column in mapping.columns:
        from_, to = legacy.columns.get(column.legacy), native.columns.get(column.native)
        if from_ and to and column.transform is IDENTITY:
            yield from _unlike_types(mapping, column, from_, to)
        if from_ and to and from_.nullable and not to.nullable:
            yield Misfit(
                mapping.native,
                column.native,
                f"must not be null, {mapping.legacy}.{column.legacy} may be",
                "rows with NULL there will be quarantined",
                refused=False,
            )


def _unlike_types(
    mapping: TableMapping, column: Column, from_: ColumnFacts, to: ColumnFacts
) -> Iterator[Misfit]:
    texts = {from_.base, to.base} <= {"text", "character varying"}
    fault = f"is {to.type}, {mapping.legacy}.{column.legacy} is {from_.type}"
    if from_.base != to.base and (from_.base, to.base) not in WIDER:
        remedy = "make the types equal, or declare a transform with both directions"
        yield Misfit(mapping.native, column.native, fault, remedy)
    elif texts and _length(from_.type) > _length(to.type):
        remedy = "rows with longer values will be quarantined"
        yield Misfit(mapping.native, column.native, fault, remedy, refused=False)
    elif from_.base == to.base and not texts and to.type not in (from_.type, to.base):
        remedy = "values could be rounded or cut: make the types equal"
        yield Misfit(mapping.native, column.native, fault, remedy)


def _length(type_: str) -> float:
    limit = re.search(r"\((\d+)\)", type_)
    return int(limit[1]) if limit else float("inf")


def _references(native: TableFacts) -> Iterator[Misfit]:
    for reference in (*native.references, *native.referenced_by):
        if not reference.deferrable or reference.acts:
            yield Misfit(
                reference.table,
                ", ".join(reference.columns),
                f"its foreign key {reference.name} interferes with rows on their way",
                "declare it DEFERRABLE and with NO ACTION, as Django does",
            )
