from django.core.management import call_command
from django.core.management.commands import migrate
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from legacy_site.apps.cms.historic_names import restore_names


class Command(migrate.Command):
    help = "Makes the tables of all apps from their models; the site has no migration histories."

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(run_syncdb=True)

    def handle(self, *args, database, **options) -> None:
        super().handle(*args, database=database, **options)
        call_command("createcachetable", database=database, verbosity=0)
        MigrationRecorder(connections[database]).ensure_schema()
        restore_names(connections[database])
