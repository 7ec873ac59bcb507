"""Two PostgreSQL servers that forget nothing, each of which can crash by itself."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from types import MappingProxyType
from typing import LiteralString

from legacy_bridge.replication.owners import Owner
from migrations.upgrade import connect, upgrade
from proxy.embedded.postgres import EmbeddedPostgres
from tests.legacy_bridge.replication.chaos.rows import JOBS
from tests.legacy_bridge.replication.sides import ROWS, TABLES, Sides, run

STOP_SECONDS = 20.0


class Server(EmbeddedPostgres):
    """Writes through to the disk, so that what it acknowledged is there after a crash."""

    def __init__(self, folder: Path, options: Mapping[str, str] = MappingProxyType({})) -> None:
        self.folder = folder
        self.crashes = 0
        super().__init__(folder, durable=True, options=options)

    def crash(self) -> None:
        """Immediate shutdown, and a start with recovery, on the same port."""
        postmaster = int((self._data / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(postmaster, signal.SIGQUIT)
        deadline = monotonic() + STOP_SECONDS
        while self._server.running and monotonic() < deadline:
            sleep(0.02)
        self._server.close()
        self._server = self._start(self._port)
        self.crashes += 1


ALL_THE_LOG = {"wal_keep_size": "100GB"}


@dataclass(slots=True)
class Servers:
    """`kept`: they are left in `folder`, stopped, when all is over."""

    folder: Path
    by_side: dict[Owner, Server] = field(default_factory=dict)
    kept: bool = False


@contextmanager
def two_servers(keep: Path | None = None) -> Iterator[Servers]:
    """`keep`: a folder in which they keep their whole logs, in case that somebody wants to know
    what has happened."""
    folder = Path(tempfile.mkdtemp(prefix="strangler-chaos-", dir=keep))
    folder.chmod(0o711)
    servers = Servers(folder)
    try:
        for side in Owner:
            place = folder / side
            place.mkdir(mode=0o711)
            servers.by_side[side] = Server(place, ALL_THE_LOG if keep else {})
        yield servers
    finally:
        for server in servers.by_side.values():
            server.close() if servers.kept else server.delete()
        if not servers.kept:
            shutil.rmtree(folder, ignore_errors=True)


def databases(servers: dict[Owner, Server]) -> Sides:
    """The legacy rows, and the native tables without any."""
    for side, server in servers.items():
        server.execute("CREATE DATABASE {}", side)
    sides = Sides(servers[Owner.LEGACY].url("legacy"), servers[Owner.NATIVE].url("native"))
    run(sides.legacy, TABLES.decode())
    run(sides.legacy, JOBS.decode())
    run(sides.legacy, ROWS)
    run(sides.legacy, MORE)
    with connect(sides.native) as connection:
        upgrade(connection)
    run(sides.legacy, EXTERNAL[Owner.LEGACY])
    run(sides.native, EXTERNAL[Owner.NATIVE])
    return sides


EXTERNAL: dict[Owner, LiteralString] = {
    Owner.LEGACY: """
        ALTER TABLE boxes_box ALTER content SET STORAGE EXTERNAL;
        ALTER TABLE pages_page ALTER content SET STORAGE EXTERNAL;
        ALTER TABLE downloads_release ALTER content SET STORAGE EXTERNAL;
        ALTER TABLE jobs_job ALTER description SET STORAGE EXTERNAL;
    """,
    Owner.NATIVE: """
        ALTER TABLE boxes ALTER content SET STORAGE EXTERNAL;
        ALTER TABLE pages ALTER content SET STORAGE EXTERNAL;
        ALTER TABLE releases ALTER content SET STORAGE EXTERNAL;
        ALTER TABLE jobs ALTER description SET STORAGE EXTERNAL;
    """,
}

MORE: LiteralString = """
INSERT INTO jobs_jobtype (id, name, slug, active)
SELECT n, 'type ' || n, 'type-' || n, true FROM generate_series(1, 20) AS n;
INSERT INTO jobs_jobcategory (id, name, slug, active)
SELECT n, 'category ' || n, 'category-' || n, true FROM generate_series(1, 20) AS n;
INSERT INTO pages_page
SELECT n, now(), now(), 'page ' || n, '', '', 'path ' || n, '', 'html', true, '', '', '', NULL, NULL
FROM generate_series(2, 30) AS n;
INSERT INTO boxes_box
SELECT n, now(), now(), 'label ' || n, 'first', 'box ' || n, '', NULL, NULL
FROM generate_series(2, 40) AS n;
SELECT setval(pg_get_serial_sequence(t, 'id'), 100)
FROM unnest(ARRAY['pages_page', 'pages_image', 'boxes_box', 'downloads_os', 'downloads_release',
    'downloads_releasefile', 'jobs_jobtype', 'jobs_jobcategory', 'jobs_job', 'jobs_job_job_types'])
    AS t;
"""
