"""The migrations make exactly the tables of the models, and can be undone."""

from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, text

from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.tables import metadata as bridge_metadata
from migrations import upgrade as upgrading
from migrations.upgrade import Step, config, connect, head, pending, upgrade
from ported_domains.domain import metadata
from proxy.embedded.stack import EmbeddedStack
from proxy.ownership.tables import metadata as ownership_metadata
from tests.longer import sampled

STEPS = [
    Step("0001", "The tables of downloads, boxes and pages"),
    Step("0002", "The bridge's own tables: what was copied when, and what was left out"),
    Step("0003", "The tables of users: accounts, permissions, memberships, addresses and tokens"),
    Step("0004", "The tables of all other domains but sponsors"),
    Step("0005", "The tables of sponsors: the catalogue, sponsorships, contracts and assets"),
    Step("0006", "How far each stream of changes has been applied"),
    Step("0007", "When each table was last compared with the legacy one, and what came out"),
    Step(
        "0008",
        "How far the first copy of each table is, and from where on the rows of a stream are whole",
    ),
    Step("0009", "Who owns the rows of each domain, and what lost against the owner"),
    Step("0010", "What replicas of the proxy share while the ownership of a domain changes"),
    Step("0011", "Which phase each domain has, and what speaks for or against the next one"),
    Step("0012", "Which rows left quarantine, until nobody can come with a change from before"),
]

CATALOGUE = text(
    """
    SELECT conrelid::regclass::text, conname::text, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL
    SELECT tablename::text, indexname::text, indexdef
    FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL
    SELECT c.relname::text, a.attname::text,
           concat_ws(' ', format_type(atttypid, atttypmod), attnotnull, attidentity,
                     pg_get_expr(adbin, adrelid))
    FROM pg_attribute AS a
    JOIN pg_class AS c ON c.oid = attrelid AND relkind = 'r'
    LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE relnamespace = 'public'::regnamespace AND attnum > 0
    """
)


@pytest.fixture
def url(stack: EmbeddedStack, request: pytest.FixtureRequest) -> str:
    return stack.create_database(request.node.name)


@pytest.fixture
def database(url: str) -> Iterator[Connection]:
    with connect(url) as connection:
        yield connection


@pytest.fixture
def upgraded(
    stack: EmbeddedStack, native_template: str, request: pytest.FixtureRequest
) -> Iterator[Connection]:
    """To a copy of a database that `upgrade` has brought up to date."""
    with connect(stack.create_database(request.node.name, native_template)) as connection:
        yield connection


def catalogue(connection: Connection) -> set[tuple[Any, ...]]:
    rows = {tuple(row) for row in connection.execute(CATALOGUE)}
    connection.rollback()
    return {row for row in rows if row[0] != "alembic_version"}


def test_the_upgrade_says_what_it_did(database: Connection) -> None:
    assert pending(database) == STEPS
    database.rollback()
    assert upgrade(database) == STEPS
    assert upgrade(database) == []
    assert head() == STEPS[-1].revision


def test_models_and_migrations_agree(upgraded: Connection, stack: EmbeddedStack) -> None:
    command.check(config(upgraded))  # raises if autogenerate finds a difference
    with connect(stack.create_database("native_by_models")) as made:
        metadata.create_all(made)
        bridge_metadata.create_all(made)
        ownership_metadata.create_all(made)
        made.commit()
        # Alembic does not look at CHECK constraints, predicates of indexes and deferrability.
        assert catalogue(upgraded) == catalogue(made)


def test_downgrade(upgraded: Connection) -> None:
    command.downgrade(config(upgraded), "base")
    upgraded.commit()
    assert catalogue(upgraded) == set()
    assert upgrade(upgraded) == STEPS


@pytest.mark.parametrize("behind", sampled(range(1, len(STEPS)), short=3))
def test_a_database_that_is_behind_gets_what_it_lacks(upgraded: Connection, behind: int) -> None:
    command.downgrade(config(upgraded), f"-{behind}")
    upgraded.commit()
    assert upgrade(upgraded) == STEPS[-behind:]


def test_a_database_from_the_future(upgraded: Connection) -> None:
    upgraded.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    upgraded.commit()
    with pytest.raises(BridgeError) as refused:
        upgrade(upgraded)
    assert str(refused.value) == (
        "the native database (STRANGLER_DATABASE_URL) is at revision 9999, which this version of "
        "the code does not know: a newer one has upgraded it — run that version"
    )


def test_two_upgrades_at_once(url: str) -> None:
    done: list[list[Step]] = []

    def run() -> None:
        with connect(url) as connection:
            done.append(upgrade(connection))

    threads = [Thread(target=run) for _ in range(3)]
    with connect(url) as holder:
        holder.execute(text("SELECT pg_advisory_lock(:key)"), {"key": upgrading.LOCK})
        holder.commit()
        for thread in threads:
            thread.start()
        threads[0].join(3 * upgrading.LOCK_POLL_SECONDS)
        assert done == []
    for thread in threads:
        thread.join()
    assert sorted(done, key=len) == [[], [], STEPS]
