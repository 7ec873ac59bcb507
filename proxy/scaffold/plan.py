"""What is to be written of an app: its tables, as the native side is to have them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from proxy.scaffold.code import Code
from proxy.scaffold.types import ColumnType


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key to a column of the same domain. `late` is the name of the constraint where it
    can be made only after both tables, as each refers to the other."""

    table: str
    column: str
    late: str | None = None


@dataclass(frozen=True, slots=True)
class Computed:
    """A column that the database computes."""

    sql: str
    stored: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnPlan:
    """`legacy` and `native` are names in the databases, `attribute` that in the model.

    `default` is what the model puts in a new row, `server_default` SQL by which the database does.
    """

    legacy: str
    native: str
    attribute: str
    type: ColumnType
    nullable: bool
    primary_key: bool = False
    identity: bool = False
    counted_by_hand: bool = False
    unique: bool = False
    index: bool = False
    reference: Reference | None = None
    default: Code | None = None
    server_default: str | None = None
    computed: Computed | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UniquePlan:
    """`name` is None where the naming convention's will do."""

    columns: tuple[str, ...]
    name: str | None = None
    deferrable: str | None = None
    nulls_distinct: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexPlan:
    """`parts` are columns and, with True, SQL. `options` are those of SQLAlchemy."""

    name: str
    parts: tuple[tuple[str, bool], ...]
    unique: bool = False
    options: Mapping[str, Code] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CheckPlan:
    name: str
    sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePlan:
    """A table, and the class of its rows. `parent` is the class whose rows these complete.

    `remarks` are about what a person has to know or do; `left_out` as in a `TableMapping`.
    """

    label: str
    legacy: str
    native: str
    class_name: str
    parent: str | None
    key: tuple[str, ...]
    columns: tuple[ColumnPlan, ...]
    uniques: tuple[UniquePlan, ...]
    indexes: tuple[IndexPlan, ...]
    checks: tuple[CheckPlan, ...]
    secret_key: bool
    left_out: Mapping[str, str]
    remarks: tuple[str, ...]

    @property
    def keyed(self) -> bool:
        """Whether its key is that of `ported_domains.domain.Keyed`."""
        first = self.columns[0]
        return (
            self.key == ("id",) and first.native == "id" and first.identity and first.type.implied
        )

    def column(self, native: str) -> ColumnPlan:
        return next(column for column in self.columns if column.native == native)


@dataclass(frozen=True, slots=True)
class AppPlan:
    """The tables of an app, each after those that it refers to, but for late references.

    `remarks` are those of the app's models that have no table here.
    """

    app: str
    name: str
    tables: tuple[TablePlan, ...]
    remarks: tuple[str, ...]

    def table(self, native: str) -> TablePlan:
        return next(table for table in self.tables if table.native == native)
