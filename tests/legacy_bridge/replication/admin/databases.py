"""The two databases of the bundled site, as they are before there are streams."""

import psycopg
from psycopg import sql

from proxy.embedded.stack import EmbeddedStack
from tests.legacy_bridge.replication.conftest import run_outside


def make(stack: EmbeddedStack, legacy_template: str, native_template: str) -> tuple[str, str]:
    """Legacy, native."""
    legacy = stack.create_database("admin_legacy", template=legacy_template)
    native = stack.create_database("admin_native", template=native_template)
    for name in ("admin_legacy", "admin_native"):
        _as_in_production(stack, name)
    with psycopg.connect(legacy) as connection:
        connection.execute(SOMEBODY)
    return legacy, native


def _as_in_production(stack: EmbeddedStack, name: str) -> None:
    """The tests' server lets what is committed lie for up to 0.2 s before it goes to its log,
    which streams are read from."""
    setting = sql.SQL("ALTER DATABASE {} SET synchronous_commit = on").format(sql.Identifier(name))
    run_outside(stack.postgres_url("postgres"), setting)


# A user without any key: those of the site have one each, and no user may have two.
SOMEBODY = """
INSERT INTO users_user (password, is_superuser, username, first_name, last_name, email, is_staff,
    is_active, date_joined, bio, bio_markup_type, search_visibility, _bio_rendered, email_privacy,
    public_profile)
SELECT '!', false, name, '', '', '', false, true, now(), '', 'markdown', 1, '', 2, true
FROM unnest(ARRAY['somebody', 'somebody.else']) AS name
"""
