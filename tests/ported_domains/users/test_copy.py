"""The rows of users on their way from the legacy database to the native one."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from legacy_bridge.replication.quarantine import KEPT_OLD, KEPT_OUT
from ported_domains.registry import DOMAINS, mappings
from proxy.demo.parts import CommandFailed, strangler
from proxy.embedded.stack import EmbeddedStack
from tests.legacy_bridge.replication.sides import Sides, ask, changes, run, table
from tests.longer import LONGER

pytestmark = LONGER  # the short form copies all domains, in test_all_domains_copy.py

SEEDED = {
    "auth_groups": 1,
    "auth_group_permissions": 1,
    "users": 3,
    "user_auth_groups": 1,
    "memberships": 1,
    "user_groups": 2,
    "email_addresses": 3,
    "email_confirmations": 0,
    "auth_tokens": 3,
    "api_keys": 3,
}
TOKEN = "2b" * 20
NAMED_TOKEN = {"key": f"sha256:{sha256(TOKEN.encode()).hexdigest()}"}
NEW_USER = """
INSERT INTO users_user (username, email, password, is_superuser, first_name, last_name, is_staff,
                        is_active, date_joined, bio, bio_markup_type, _bio_rendered,
                        search_visibility, email_privacy, public_profile)
SELECT name, email, '!', false, '', '', false, true, '2020-01-01', '', 'markdown', '', 1, 2, true
FROM (VALUES {}) AS new (name, email)
"""


def test_every_row_of_the_bundled_site_arrives(sides: Sides) -> None:
    report = sides.copy("users")
    assert report.equal
    assert report.warnings == ()
    rows = {t.native: t.rows for t in report.tables}
    assert rows.items() >= SEEDED.items()
    assert {t.native: t.inserted for t in report.tables} == rows
    assert sides.unequal("users") == []
    assert ask(sides.native, "SELECT count(*) FROM pages") == [(0,)]


def test_every_row_of_the_shared_data_set_arrives(sides: Sides, dataset_database_url: str) -> None:
    whole = Sides(dataset_database_url, sides.native)
    report = whole.copy("users")
    assert report.equal
    rows = {t.native: t.rows for t in report.tables if t.rows}
    assert rows == {
        "content_types": 100,
        "auth_permissions": 402,
        "auth_groups": 1,
        "users": 264,
        "memberships": 141,
        "email_addresses": 2,
        "auth_tokens": 264,
        "api_keys": 262,
    }
    assert {t.native: t.inserted for t in report.tables if t.inserted} == rows
    assert whole.unequal("users") == []


def test_permissions_are_those_of_the_same_content_types(sides: Sides) -> None:
    sides.copy("users")
    theirs = ask(
        sides.legacy,
        """
        SELECT app_label || '.' || codename, model
        FROM users_user_user_permissions AS held
        JOIN users_user ON users_user.id = user_id AND username = 'staff1'
        JOIN auth_permission AS p ON p.id = permission_id
        JOIN django_content_type AS c ON c.id = content_type_id ORDER BY 1
        """,
    )
    ours = ask(
        sides.native,
        """
        SELECT app_label || '.' || codename, model
        FROM user_permissions AS held JOIN users ON users.id = user_id AND username = 'staff1'
        JOIN auth_permissions AS p ON p.id = permission_id
        JOIN content_types AS c ON c.id = content_type_id ORDER BY 1
        """,
    )
    assert len(ours) == 28
    assert ours == theirs


def test_a_second_copy_writes_nothing_and_a_third_what_changed(sides: Sides) -> None:
    sides.copy("users")
    assert changes(sides.copy("users")) == {}
    run(sides.legacy, "UPDATE users_user SET last_login = now() WHERE username = 'u1_1'")
    run(sides.legacy, "UPDATE account_emailaddress SET email = 'new@example.org' WHERE id = 1")
    assert changes(sides.copy("users")) == {"users": (0, 1, 0), "email_addresses": (0, 1, 0)}
    assert sides.unequal("users") == []


def test_what_people_may_do_but_forms_do_not_allow_is_copied(sides: Sides) -> None:
    """Names that differ in casing alone, no address or the same ones, more than one membership
    without anybody: all of it is in databases that have been in use for long."""
    names = "('Admin1', ''), ('ADMIN1', ''), ('zoë', 'Same@example.org'), ('.', 'Same@example.org')"
    run(sides.legacy, NEW_USER.format(names))
    run(
        sides.legacy,
        """
        INSERT INTO account_emailaddress (user_id, email, verified, "primary")
        SELECT id, 'admin1@example.org', false, false FROM users_user WHERE username <> 'admin1';
        INSERT INTO account_emailaddress (user_id, email, verified, "primary")
        SELECT id, 'Admin1@example.org', true, false FROM users_user WHERE username = 'admin1';
        INSERT INTO users_membership (legal_name, preferred_name, email_address, city, region,
            country, postal_code, created, updated, votes, membership_type)
        SELECT '', '', '', '', '', '', '', now(), now(), true, 3 FROM generate_series(1, 2);
        INSERT INTO account_emailconfirmation (created, key, email_address_id)
        VALUES (now(), 'k', 1);
        """,
    )
    assert sides.copy("users").equal
    assert sides.unequal("users") == []


def test_unique_values_may_change_hands(sides: Sides) -> None:
    sides.copy("users")
    run(
        sides.legacy,
        """
        UPDATE users_user SET username = 'x' WHERE username = 'admin1';
        UPDATE users_user SET username = 'admin1' WHERE username = 'u1_1';
        UPDATE users_user SET username = 'u1_1' WHERE username = 'x';
        UPDATE account_emailaddress SET "primary" = false, verified = false WHERE id = 1;
        INSERT INTO account_emailaddress (user_id, email, verified, "primary")
        SELECT user_id, 'second@example.org', true, true FROM account_emailaddress WHERE id = 1;
        INSERT INTO account_emailaddress (user_id, email, verified, "primary")
        SELECT other.user_id, one.email, true, false
        FROM account_emailaddress AS one, account_emailaddress AS other
        WHERE one.id = 1 AND other.id = 2;
        """,
    )
    assert sides.copy("users").equal
    assert sides.unequal("users") == []


def test_a_token_that_was_renewed_or_given_to_somebody_else(sides: Sides) -> None:
    sides.copy("users")
    run(
        sides.legacy,
        """
        UPDATE authtoken_token SET key = repeat('f', 40) WHERE key = repeat('1a', 20);
        UPDATE authtoken_token SET key = 'x' WHERE key = repeat('2b', 20);
        UPDATE authtoken_token SET key = repeat('2b', 20) WHERE key = repeat('3c', 20);
        UPDATE authtoken_token SET key = repeat('3c', 20) WHERE key = 'x';
        """,
    )
    report = sides.copy("users")
    assert report.equal
    assert changes(report) == {"auth_tokens": (1, 2, 1)}
    assert sides.unequal("users") == []


def test_a_user_goes_with_all_that_is_theirs(sides: Sides) -> None:
    sides.copy("users")
    run(
        sides.legacy,
        """
        CREATE TABLE gone AS SELECT id FROM users_user WHERE username = 'u1_1';
        UPDATE users_membership SET creator_id = NULL;
        DELETE FROM account_emailaddress USING gone WHERE user_id = gone.id;
        DELETE FROM authtoken_token USING gone WHERE user_id = gone.id;
        DELETE FROM tastypie_apikey USING gone WHERE user_id = gone.id;
        """,
    )
    run(sides.legacy, "SET session_replication_role = replica; DELETE FROM users_user USING gone"
                      " WHERE users_user.id = gone.id")  # fmt: skip
    assert changes(sides.copy("users")) == {
        "users": (0, 0, 1),
        "memberships": (0, 1, 0),
        "email_addresses": (0, 0, 1),
        "auth_tokens": (0, 0, 1),
        "api_keys": (0, 0, 1),
    }
    assert sides.unequal("users") == []


def test_numbers_go_on_where_the_legacy_side_was(sides: Sides) -> None:
    run(sides.legacy, "UPDATE account_emailaddress SET id = 700 WHERE id = 1")
    sides.copy("users")
    assert ask(
        sides.native,
        "SELECT nextval(pg_get_serial_sequence('email_addresses', 'id')),"
        " pg_get_serial_sequence('auth_tokens', 'key')",
    ) == [(701, None)]


def test_a_refused_user_is_set_apart_with_all_that_is_theirs(sides: Sides) -> None:
    run(sides.native, "ALTER TABLE users ADD CHECK (username <> 'u1_1')")
    report = sides.copy("users")
    assert not report.equal
    refused = {t.native: [row.outcome for row in t.refused] for t in report.tables if t.refused}
    assert refused == {
        "users": [KEPT_OUT],
        "memberships": [KEPT_OUT],
        "email_addresses": [KEPT_OUT],
        "auth_tokens": [KEPT_OUT],
        "api_keys": [KEPT_OUT],
    }
    assert ask(sides.native, "SELECT count(*) FROM auth_tokens") == [(2,)]
    (row,) = table(report, "auth_tokens").refused
    assert (row.key, row.reason) == (NAMED_TOKEN, "user_id: no such row in users")
    run(sides.native, "ALTER TABLE users DROP CONSTRAINT users_username_check")
    assert sides.copy("users").equal
    assert ask(sides.native, "SELECT count(*) FROM bridge_quarantine") == [(0,)]


def test_a_refused_token_keeps_its_old_row_and_its_secret(sides: Sides) -> None:
    sides.copy("users")
    run(
        sides.native,
        "ALTER TABLE auth_tokens ADD CONSTRAINT young CHECK (created < '2030-01-01')",
    )
    run(sides.legacy, "UPDATE authtoken_token SET created = '2031-01-01' WHERE key LIKE '2b%'")
    (row,) = table(sides.copy("users"), "auth_tokens").refused
    assert (row.key, row.outcome) == (NAMED_TOKEN, KEPT_OLD)
    assert ask(sides.native, "SELECT key FROM bridge_quarantine") == [(NAMED_TOKEN,)]
    assert ask(sides.native, "SELECT count(*) FROM auth_tokens WHERE created < '2030-01-01'") == [
        (3,)
    ]


def test_keys_too_long_for_the_native_table_are_told_and_set_apart(sides: Sides) -> None:
    run(sides.native, "ALTER TABLE auth_tokens ALTER key TYPE varchar(30)")
    report = sides.copy("users")
    assert report.warnings == (
        (
            "auth_tokens.key: is character varying(30), authtoken_token.key is "
            "character varying(40) — rows with longer values will be quarantined"
        ),
    )
    refused = table(report, "auth_tokens").refused
    assert len(refused) == 3
    assert NAMED_TOKEN in [row.key for row in refused]


def test_the_domain_is_copied_by_itself() -> None:
    assert list(mappings("users")) == ["users"]
    assert [name for name, domain in DOMAINS.items() if "users" in domain.reads] == ["sponsors"]


def test_the_command(sides: Sides, tmp_path: Path) -> None:
    arguments = ("sync", "run", "--once", "--domain", "users")
    said = strangler(*arguments, settings=sides.settings, folder=tmp_path)
    assert {line.split()[0] for line in said.splitlines()} >= set(SEEDED)
    assert said.endswith(" s: equal\n")
    (tmp_path / "routing.yaml").write_text("version: 1\n")
    said = strangler("status", "--json", settings=sides.settings, folder=tmp_path)
    (users,) = (found for found in json.loads(said)["domains"] if found["domain"] == "users")
    assert (users["tables"], users["quarantined"]) == (13, 0)


def test_the_command_shows_no_token(sides: Sides, tmp_path: Path) -> None:
    run(sides.native, "ALTER TABLE users ADD CHECK (username <> 'u1_1')")
    arguments = ("sync", "run", "--once", "--domain", "users")
    with pytest.raises(CommandFailed) as ended:
        strangler(*arguments, settings=sides.settings, folder=tmp_path)
    assert f"auth_tokens key={NAMED_TOKEN['key']} (kept out): " in str(ended.value)
    assert TOKEN not in str(ended.value)
    assert "b2" * 20 not in str(ended.value)  # the API key


def test_a_native_database_without_the_tables(stack: EmbeddedStack, sides: Sides) -> None:
    old = Sides(sides.legacy, stack.create_database("users_native_absent"))
    with pytest.raises(CommandFailed, match=r"run `strangler db upgrade`"):
        strangler("sync", "run", "--once", "--domain", "users", settings=old.settings,
                  folder=Path.cwd())  # fmt: skip
