"""Peers: what PostgreSQL's own client does, as one would write it by hand."""

import os
import subprocess
from pathlib import Path
from time import perf_counter
from typing import LiteralString, TypedDict
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

from proxy.bench.bridge.site import Site, mapping_of
from proxy.bench.faults import CannotMeasureError
from proxy.embedded.binaries import postgres_install


def pipe_seconds(site: Site, domain: str, twin: str) -> float:
    """`psql -c "COPY … TO STDOUT (FORMAT BINARY)" | psql -c "COPY … FROM STDIN (FORMAT BINARY)"`:
    the columns that are carried, into a table like the native one."""
    mapping = mapping_of(domain)
    out = _columns([column.legacy for column in mapping.columns])
    into = _columns([column.native for column in mapping.columns])
    began = perf_counter()
    reading = _psql(site.legacy, f'COPY "{mapping.legacy}" ({out}) TO STDOUT (FORMAT BINARY)')
    source = subprocess.Popen(stdout=subprocess.PIPE, **reading)
    writing = _psql(site.native, f'COPY "{twin}" ({into}) FROM STDIN (FORMAT BINARY)')
    with source:
        subprocess.run(stdin=source.stdout, check=True, **writing)
    if source.returncode:
        raise CannotMeasureError(f"psql ended with code {source.returncode}")
    return perf_counter() - began


def upserts_per_second(site: Site, twin: str, count: int, first: int) -> float:
    """psql, fed with so many upserts of boxes that are committed one by one."""
    text = "".join(_upsert(twin, first + number) for number in range(count))
    clock = "SELECT extract(epoch FROM clock_timestamp());\n"
    done = subprocess.run(
        **_psql(site.native),
        input=f"{clock}{text}{clock}".encode(),
        stdout=subprocess.PIPE,
        check=True,
    )
    began, ended = map(float, done.stdout.split())
    return count / (ended - began)


def looped_per_second(site: Site, twin: str, count: int, first: int) -> float:
    """The same from a loop in Python with psycopg."""
    statement = sql.SQL(_UPSERT).format(sql.Identifier(twin))
    with psycopg.connect(site.native, autocommit=True) as connection:
        began = perf_counter()
        for number in range(first, first + count):
            connection.execute(statement, {"id": number, "label": f"label {number}"})
        return count / (perf_counter() - began)


_UPSERT: LiteralString = """
INSERT INTO {} (id, created, updated, label, content, content_markup_type, content_rendered)
OVERRIDING SYSTEM VALUE
VALUES (%(id)s, now(), now(), %(label)s, 'what stands in a new box', 'html',
        '<p>what stands in a new box</p>')
ON CONFLICT (id) DO UPDATE SET
    created = excluded.created, updated = excluded.updated, label = excluded.label,
    content = excluded.content, content_markup_type = excluded.content_markup_type,
    content_rendered = excluded.content_rendered
"""


def _upsert(twin: str, number: int) -> str:
    written = _UPSERT.format(f'"{twin}"') % {"id": number, "label": f"'label {number}'"}
    return " ".join(written.split()) + ";\n"


def _columns(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


class _Call(TypedDict):
    args: list[str]
    env: dict[str, str]


def _psql(url: str, command: str | None = None) -> _Call:
    """How to call it; the password does not stand among the arguments, where everybody sees it."""
    parts = urlsplit(url)
    return {
        "args": [
            *(str(program()), "--no-psqlrc", "--quiet", "--no-align", "--tuples-only"),
            *(
                "--set",
                "ON_ERROR_STOP=1",
                "--host",
                parts.hostname or "",
                "--port",
                f"{parts.port}",
            ),
            *("--username", parts.username or "", parts.path[1:]),
            *(("--command", command) if command else ()),
        ],
        "env": os.environ | {"PGPASSWORD": unquote(parts.password or "")},
    }


def program() -> Path:
    """Raises `CannotMeasureError` where the wheel has none."""
    found = postgres_install() / "bin" / "psql"
    if not found.is_file():
        raise CannotMeasureError(f"there is no psql beside the embedded server ({found})")
    return found
