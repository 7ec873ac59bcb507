"""Which legacy table and column leads where, against the table of the design."""

from legacy_bridge.replication.catalogue import read_catalogue
from legacy_bridge.replication.connections import NATIVE, connected
from legacy_bridge.replication.mapping import IDENTITY
from ported_domains.users import USERS
from tests.legacy_bridge.replication.sides import Sides

TABLES = {
    "users_user": "users",
    "users_membership": "memberships",
    "users_usergroup": "user_groups",
    "users_user_groups": "user_auth_groups",
    "users_user_user_permissions": "user_permissions",
    "auth_group": "auth_groups",
    "auth_group_permissions": "auth_group_permissions",
    "auth_permission": "auth_permissions",
    "django_content_type": "content_types",
    "account_emailaddress": "email_addresses",
    "account_emailconfirmation": "email_confirmations",
    "authtoken_token": "auth_tokens",
    "tastypie_apikey": "api_keys",
}
RENAMED = {"password": "password_hash", "_bio_rendered": "bio_rendered"}


def test_tables_have_the_names_that_the_design_gives_them() -> None:
    assert {mapping.legacy: mapping.native for mapping in USERS.mapping} == TABLES


def test_columns_keep_their_names_and_values_but_two_names() -> None:
    columns = [column for mapping in USERS.mapping for column in mapping.columns]
    assert {c.legacy: c.native for c in columns if c.legacy != c.native} == RENAMED
    assert {column.transform for column in columns} == {IDENTITY}


def test_parents_stand_before_children(sides: Sides) -> None:
    order = [mapping.native for mapping in USERS.mapping]
    with connected(sides.native, NATIVE) as native:
        tables = read_catalogue(native, order)
    references = [reference for facts in tables.values() for reference in facts.references]
    assert len(references) == 12
    for reference in references:
        assert order.index(reference.parent) < order.index(reference.table)
        assert reference.deferrable
