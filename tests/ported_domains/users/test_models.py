"""What the native tables themselves see to, and which questions an index answers."""

from typing import LiteralString

import psycopg
import pytest
from psycopg import errors

USERS: LiteralString = """
INSERT INTO users (username, email, password_hash, is_superuser, first_name, last_name, is_staff,
                   is_active, date_joined, bio, bio_markup_type, bio_rendered, search_visibility,
                   email_privacy, public_profile)
SELECT name, '', '!', false, '', '', false, true, now(), '', 'markdown', '', 1, 2, true
FROM unnest(ARRAY['anna', 'Anna', 'bert']) AS name;
INSERT INTO email_addresses (user_id, email, verified, "primary") VALUES
    (1, 'a@example.org', true, true), (1, 'a2@example.org', false, false),
    (2, 'a@example.org', false, true);
INSERT INTO memberships (creator_id, membership_type, legal_name, preferred_name, email_address,
                         city, region, country, postal_code, votes, created, updated)
SELECT creator, 0, '', '', '', '', '', '', '', false, now(), now()
FROM unnest(ARRAY[1, NULL, NULL]) AS creator;
INSERT INTO auth_tokens VALUES ('a1', now(), 1);
INSERT INTO api_keys (key, created, user_id) VALUES ('', now(), 1), ('', now(), 3);
"""


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE users SET username = 'anna' WHERE id = 3", "uq_users_username"),
        ('UPDATE email_addresses SET "primary" = true', "uq_email_addresses_primary"),
        ("UPDATE email_addresses SET verified = true", "uq_email_addresses_verified"),
        (
            "UPDATE email_addresses SET email = 'a@example.org'",
            "uq_email_addresses_user_id_email",
        ),
        ("UPDATE memberships SET creator_id = 1", "uq_memberships_creator_id"),
        ("INSERT INTO auth_tokens VALUES ('a1', now(), 2)", "pk_auth_tokens"),
        ("INSERT INTO auth_tokens VALUES ('b2', now(), 1)", "uq_auth_tokens_user_id"),
        ("UPDATE api_keys SET user_id = 3", "uq_api_keys_user_id"),
        ("DELETE FROM users WHERE id = 2", "fk_email_addresses_user_id_users"),
        ("INSERT INTO user_auth_groups (user_id, group_id) VALUES (1, 1)",
         "fk_user_auth_groups_group_id_auth_groups"),
    ],
)  # fmt: skip
def test_what_is_refused(native: str, statement: LiteralString, constraint: str) -> None:
    with psycopg.connect(native) as connection:
        connection.execute(USERS)
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises((errors.UniqueViolation, errors.ForeignKeyViolation)) as refused:
            connection.execute(statement)
    assert refused.value.diag.constraint_name == constraint


def test_children_may_come_before_their_parents(native: str) -> None:
    with psycopg.connect(native) as connection:
        connection.execute("INSERT INTO auth_tokens VALUES ('a1', now(), 1)")
        connection.execute("INSERT INTO auth_permissions VALUES (7, 'Can', 3, 'can')")
        connection.execute("INSERT INTO content_types VALUES (3, 'polls', 'poll')")
        connection.execute(USERS.replace("INSERT INTO auth_tokens VALUES ('a1', now(), 1);", ""))
    with psycopg.connect(native) as connection:
        found = connection.execute("SELECT count(*) FROM auth_tokens JOIN users ON id = user_id")
        assert found.fetchone() == (1,)


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("SELECT FROM users WHERE username = 'x'", "uq_users_username"),
        ("SELECT FROM users WHERE upper(username) = upper('x')", "ix_users_upper_username"),
        ("SELECT FROM users WHERE upper(email) = upper('x')", "ix_users_upper_email"),
        ("SELECT FROM email_addresses WHERE email = 'x'", "ix_email_addresses_email"),
        ("SELECT FROM email_addresses WHERE user_id = 1", "uq_email_addresses_user_id_email"),
        ("SELECT FROM auth_tokens WHERE key = 'x'", "pk_auth_tokens"),
        ("SELECT FROM api_keys WHERE key = 'x'", "ix_api_keys_key"),
        ("SELECT FROM auth_permissions WHERE content_type_id = 1",
         "uq_auth_permissions_content_type_id_codename"),
        ("SELECT FROM auth_group_permissions WHERE permission_id = 1",
         "ix_auth_group_permissions_permission_id"),
        ("SELECT FROM user_auth_groups WHERE group_id = 1", "ix_user_auth_groups_group_id"),
        ("SELECT FROM user_permissions WHERE user_id = 1",
         "uq_user_permissions_user_id_permission_id"),
    ],
)  # fmt: skip
def test_which_index_answers(native: str, query: LiteralString, index: str) -> None:
    with psycopg.connect(native) as connection:
        connection.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
        plan = connection.execute("EXPLAIN " + query).fetchall()
    assert f" {index} " in str(plan[0][0])
