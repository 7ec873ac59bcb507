"""A database that refuses changes of rows which it does not own: `reject` instead of `capture`.

Each table of the domain has a trigger before every statement that would change it; it lets pass
what begins with a mark (`marks`), as the bridge's own transactions do, and raises for all others.
This guards against mistakes: whoever wants to can set `strangler.applies` as well, and then the
change is carried to the owner as any other.

The function that it calls is where the bridge's tables are: in the schema `strangler` of the legacy
database, and natively in the default schema, so that whoever may run `strangler db upgrade` may do
this too, while another schema would take a right of its own (CREATE on the database).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import LiteralString

import psycopg
from psycopg import errors
from psycopg.sql import SQL, Composed, Identifier, Literal

from legacy_bridge.replication import home, preflight
from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.owners import (
    Owner,
    Ownership,
    Strays,
    ended,
    read_owners,
    write_owner,
)
from legacy_bridge.replication.pairs import TablePair

TRIGGER = "bridge_rejects_strays"
FUNCTION = "bridge_reject_stray"
LOCK_TIMEOUT = "5s"
"""To wait for transactions that are writing: behind us, all others wait."""


def set_strays(
    legacy: Connection, native: Connection, pairs: Sequence[TablePair], strays: Strays
) -> Ownership:
    """Of one domain, whose tables are `pairs`. `strays` is one of `CHANGEABLE`. Raises
    `BridgeError` if that cannot be.

    First the trigger, then the word: what is said to be refused is refused.
    """
    (domain,) = {pair.domain for pair in pairs}
    ownership = read_owners(native).of(domain)
    if ownership.retired:
        raise BridgeError(ended(domain))
    owner = ownership.owner
    replica = native if owner is Owner.LEGACY else legacy
    if strays is Strays.REJECT:
        reject(replica, pairs, owner)
        try:
            return write_owner(native, domain, owner, strays, ownership)
        except BridgeError:
            if read_owners(native).of(domain).owner is not owner:  # it owns the rows by now
                let_pass(replica, pairs, owner.other)
            raise
    ownership = write_owner(native, domain, owner, strays, ownership)
    let_pass(replica, pairs, owner.other)
    return ownership


def reject(
    replica: Connection, pairs: Sequence[TablePair], owner: Owner, *, for_good: bool = False
) -> None:
    """Let the database that does not own the rows refuse changes. Repeating it is safe.
    `for_good`: it says that the domain is retired."""
    side = owner.other
    if side is Owner.LEGACY:
        home.ensure(replica)
    preflight.require_rights(replica, [_table(pair, side) for pair in pairs], ("TRIGGER",))
    with _told(side), replica.transaction():
        replica.execute(SQL("SET LOCAL lock_timeout = {}").format(LOCK_TIMEOUT))
        replica.execute(_function(replica, side))
        for pair in pairs:
            replica.execute(_arm(replica, pair, owner, side, for_good=for_good))


def let_pass(connection: Connection, pairs: Sequence[TablePair], side: Owner) -> None:
    """On `side` nothing is refused any more. Repeating it is safe.

    The triggers stay as some that never fire: to drop one, its table would have to be ours, and
    its readers would have to wait.
    """
    tables = rejects(connection, [_table(pair, side) for pair in pairs])
    if not tables:
        return
    with _told(side), connection.transaction():
        connection.execute(SQL("SET LOCAL lock_timeout = {}").format(LOCK_TIMEOUT))
        for pair in pairs:
            if _table(pair, side) in tables:
                connection.execute(_disarm(connection, pair, side))


def as_said(replica: Connection, pairs: Sequence[TablePair], owner: Owner, strays: Strays) -> None:
    """Let the database that does not own the rows do with changes as it is written down."""
    if strays is Strays.REJECT:
        reject(replica, pairs, owner)
    else:
        let_pass(replica, pairs, owner.other)


def rejects(connection: Connection, tables: Sequence[str]) -> list[str]:
    """Those of the tables that refuse changes now."""
    return [name for (name,) in connection.execute(_ARMED, [list(tables), TRIGGER])]


_ARMED: LiteralString = """
SELECT t.name FROM unnest(%s::text[]) AS t (name)
JOIN pg_trigger AS g ON g.tgrelid = to_regclass(quote_ident(t.name)) AND g.tgname = %s
WHERE g.tgqual IS NULL AND g.tgenabled <> 'D'
ORDER BY 1
"""


def _table(pair: TablePair, side: Owner) -> str:
    return pair.legacy.name if side is Owner.LEGACY else pair.native.name


def _name(pair: TablePair, side: Owner) -> Identifier:
    facts = pair.legacy if side is Owner.LEGACY else pair.native
    return Identifier(facts.schema, facts.name)


def _place(connection: Connection, side: Owner) -> Identifier:
    """Of the function."""
    if side is Owner.LEGACY:
        return Identifier(home.SCHEMA, FUNCTION)
    row = connection.execute(_OURS).fetchone()
    assert row is not None  # noqa: S101  # the owners have been read from there
    return Identifier(row[0], FUNCTION)


_OURS: LiteralString = """
SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = to_regclass('bridge_owners')
"""


# Not an error of those that a row is set apart for: an applier without a mark has to stop.
_BODY: LiteralString = """
CREATE OR REPLACE FUNCTION {} () RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF coalesce(current_setting('strangler.applies', true), '') = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION USING
        ERRCODE = 'read_only_sql_transaction',
        MESSAGE = format('%s: the rows of "%s" belong to the %s side, and this database refuses '
                         'changes of them', TG_TABLE_NAME, TG_ARGV[0], TG_ARGV[1]),
        HINT = format('Write to %s in the %s database, or through the site. ',
                      TG_ARGV[2], TG_ARGV[1])
               || CASE TG_ARGV[3] WHEN 'retired'
                  THEN 'The domain is retired: these rows are those of that moment.'
                  ELSE format('To have changes made here carried there: '
                              'strangler sync strays %s capture', TG_ARGV[0]) END;
END
$body$
"""


def _function(connection: Connection, side: Owner) -> Composed:
    return SQL(_BODY).format(_place(connection, side))


def _arm(
    connection: Connection, pair: TablePair, owner: Owner, side: Owner, *, for_good: bool
) -> Composed:
    return SQL(
        "CREATE OR REPLACE TRIGGER {} BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON {}"
        " FOR EACH STATEMENT EXECUTE FUNCTION {} ({}, {}, {}, {})"
    ).format(
        Identifier(TRIGGER),
        _name(pair, side),
        _place(connection, side),
        Literal(pair.domain),
        Literal(str(owner)),
        Literal(_table(pair, owner)),
        Literal(str(Strays.RETIRED if for_good else Strays.REJECT)),
    )


def _disarm(connection: Connection, pair: TablePair, side: Owner) -> Composed:
    return SQL(
        "CREATE OR REPLACE TRIGGER {} BEFORE TRUNCATE ON {}"
        " FOR EACH STATEMENT WHEN (false) EXECUTE FUNCTION {} ()"
    ).format(Identifier(TRIGGER), _name(pair, side), _place(connection, side))


@contextmanager
def _told(side: Owner) -> Iterator[None]:
    try:
        yield
    except (errors.LockNotAvailable, errors.DeadlockDetected):
        raise BridgeError(
            f"another transaction is writing to the {side} tables and does not end: nothing was "
            "changed — find it in pg_stat_activity, then repeat this"
        ) from None
    except psycopg.errors.InsufficientPrivilege as error:
        raise BridgeError(
            f"the {side} database does not let this user change its triggers "
            f"({error.diag.message_primary}) — let the owner of the tables run this command, or "
            f"run: GRANT CREATE ON SCHEMA {home.SCHEMA if side is Owner.LEGACY else 'public'} TO "
            "the user of the bridge;"
        ) from None
