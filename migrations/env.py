"""What Alembic runs for every command: our tables, on the caller's connection or our own."""

from importlib import import_module

from alembic import context
from sqlalchemy import Connection, MetaData

from legacy_bridge.replication import tables as bridge
from migrations.upgrade import connect
from ported_domains.domain import metadata
from ported_domains.registry import DOMAINS
from proxy.ownership import tables as ownership
from proxy.settings import Settings

for name, stated in DOMAINS.items():
    domain = import_module(f"ported_domains.{name}")
    # A domain that is one file has its models in it; one without rows has none.
    if hasattr(domain, "__path__") and stated.mapping:
        import_module(f"{domain.__name__}.models")

# One for both, as operations take the names of constraints from the convention of the target.
target = MetaData(naming_convention=metadata.naming_convention)
for made in (metadata, bridge.metadata, ownership.metadata):
    for table in made.tables.values():
        table.to_metadata(target)


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=target,
        compare_server_default=True,
        # Each step commits alone: a failed one leaves those before it in force.
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    # The command `alembic`, for those who write the next migration.
    with connect(Settings.load().require("database_url", "the native database")) as opened:
        run(opened)
