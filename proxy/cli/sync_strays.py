"""`strangler sync strays` and `sync conflicts`: changes on the side that does not own the rows."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime

import click

from legacy_bridge.replication.connections import LEGACY, NATIVE, connected
from legacy_bridge.replication.copy import require_tables, table_pairs
from legacy_bridge.replication.owners import CHANGEABLE, Strays
from legacy_bridge.replication.rejecting import set_strays
from legacy_bridge.replication.resolving import Conflicts, Kept
from ported_domains.registry import DOMAINS, mappings
from proxy.cli.sync import ending, in_time, sync, urls


@sync.command()
@click.argument("domain", type=click.Choice(list(DOMAINS)))
@click.argument("what", type=click.Choice([str(kind) for kind in CHANGEABLE]))
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def strays(domain: str, what: str, as_json: bool) -> None:
    """Say what becomes of changes to DOMAIN in the database that does not own it.

    capture (as without this command): they are carried to the owner. reject: triggers in that
    database refuse them, with a message that says where to write instead; the bridge's own changes
    pass. When the domain gets another owner the triggers go to the other side.

    This guards against mistakes and is no protection: whoever may write there can pass it.

    \b
    Settings: STRANGLER_LEGACY_DATABASE_URL, STRANGLER_DATABASE_URL. For reject the bridge's user
    needs TRIGGER on the tables; what is missing is named with the SQL that grants it.
    Exit codes: 0 done, 2 cannot run (nothing changed, but where the message says so).
    Example: strangler sync strays downloads reject
    """
    legacy_url, native_url = urls()
    wanted = {domain: mappings()[domain]}
    with (
        ending(as_json),
        in_time(f"repeat it: `strangler sync strays {domain} {what}`"),
        connected(native_url, NATIVE) as native,
        connected(legacy_url, LEGACY) as legacy,
    ):
        require_tables(legacy, native, wanted[domain], rights=("SELECT",))
        pairs, _ = table_pairs(legacy, native, wanted)
        now = set_strays(legacy, native, pairs, Strays(what))
    replica = now.owner.other
    if as_json:
        owned = {"domain": domain, "owner": now.owner, "strays": now.strays, "epoch": now.epoch}
        click.echo(json.dumps({"ok": True, **owned}))
    else:
        done = "refused" if now.strays is Strays.REJECT else f"carried to the {now.owner} side"
        click.echo(
            f"{domain} belongs to the {now.owner} side; changes of it in the {replica} database "
            f"are {done}."
        )


@sync.command()
@click.option("--domain", type=click.Choice(list(DOMAINS)), help="Only those of this domain.")
@click.option("--apply", "applied", metavar="ID", help="Write what lost to the owner's table.")
@click.option("--drop", "dropped", metavar="ID", help="Forget what lost.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def conflicts(domain: str | None, applied: str | None, dropped: str | None, as_json: bool) -> None:
    """List changes that lost against the owner's, or settle one of them.

    Where both sides changed a row, the owner's change stands, and the other one is kept here, as
    is one that the owner's table refused. The list says which columns of it differ from the
    owner's row as it is now. --apply writes the losing version to the owner's table after all, as
    any write of the owner's; it then travels to the other side. A row whose key the owner has given
    to another one gets a new key. --drop gives it up. Both write who did it to the log, and to that
    of the database server.

    \b
    Settings: STRANGLER_LEGACY_DATABASE_URL, STRANGLER_DATABASE_URL
    Exit codes: 0 none are kept, or the one is settled; 1 some are kept; 2 cannot run.
    Example: strangler sync conflicts --apply native-3
    """
    if applied and dropped:
        raise click.UsageError("choose one of --apply and --drop")
    left = "`strangler sync conflicts` lists what is left to be settled"
    with ending(as_json), in_time(left), _both() as found:
        if applied:
            done = found.apply(applied)
            _say(applied, f"applied: {done}", as_json)
        elif dropped:
            found.drop(dropped)
            _say(dropped, "dropped", as_json)
        else:
            kept = found.read(domain)
            click.echo(_json(kept) if as_json else "\n".join(_lines(kept)))
            sys.exit(1 if kept else 0)


@contextmanager
def _both() -> Iterator[Conflicts]:
    legacy_url, native_url = urls()
    with connected(native_url, NATIVE) as native, connected(legacy_url, LEGACY) as legacy:
        yield Conflicts(legacy, native, mappings())


def _say(id_: str, done: str, as_json: bool) -> None:
    click.echo(json.dumps({"ok": True, "id": id_, "done": done}) if as_json else f"{id_} {done}")


def _json(found: list[Kept]) -> str:
    rows = [{"id": kept.id, **asdict(kept)} for kept in found]
    return json.dumps({"conflicts": rows}, default=datetime.isoformat)


def _lines(found: list[Kept]) -> Iterator[str]:
    if not found:
        yield "no conflicts are kept"
    for kept in found:
        key = ", ".join(f"{name}={value}" for name, value in kept.key.items())
        when = f"{kept.source_at:%Y-%m-%d %H:%M:%S %Z}"
        yield f"{kept.id}  {kept.table} {key}: {kept.kind}, from the {kept.source} side at {when}"
        yield f"    {kept.reason}; {_now(kept)}"


def _now(kept: Kept) -> str:
    if kept.losing == {}:
        return "nothing of it is kept, as who knows the key may act as somebody"
    if kept.differing is None:
        return "the owner has no such row now"
    if kept.losing is None:
        return "it was deleted there, the owner has it"
    if not kept.differing:
        return "the owner's row is like that now"
    return f"differs from the owner's row in {', '.join(kept.differing)}"
