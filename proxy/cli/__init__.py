"""The command `strangler`. Exit codes: 0 done, 1 the answer is no, 2 usage or configuration."""

import sys
from importlib import import_module
from typing import Any

import click

from proxy.settings import SettingsError
from proxy.starting import uncollected

COMMANDS = {
    "demo": "proxy.cli.demo:demo",
    "init": "proxy.cli.init:init",
    "serve": "proxy.cli.serve:serve",
    "worker": "proxy.cli.worker:worker",
    "db": "proxy.cli.db:db",
    "routes": "proxy.cli.routes:routes",
    "sync": "proxy.cli.sync:sync",
    "status": "proxy.cli.status:status",
    "parity": "proxy.cli.parity:parity",
    "templates": "proxy.cli.templates:templates",
    "flip": "proxy.cli.flip:flip",
    "rollback": "proxy.cli.flip:rollback",
    "retire": "proxy.cli.retire:retire",
    "export": "proxy.cli.export:export",
    "bench": "proxy.cli.bench:bench",
}


class _Lazy(click.Group):
    """A group whose commands are imported when they are asked for: `serve` needs no Alembic."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        with uncollected():
            command: click.Command = getattr(import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SettingsError as error:
            click.echo(str(error), err=True)
            sys.exit(2)


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="strangler")
def main() -> None:
    """Move a Django site to Litestar one domain at a time, and back."""
