"""The proxies that are measured, each as a user would run it, on its own core, warm and pooled."""

import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

import httpx

from proxy.bench.asgi import UPSTREAM
from proxy.bench.cases import OURS, PEERS, Case
from proxy.bench.cores import Cores, with_descendants
from proxy.bench.driver import Order
from proxy.bench.faults import CannotMeasureError
from proxy.embedded.child import Child, on_free_port

START_SECONDS = 30
SHORTEST_WARMING = 0.2
"""Seconds: time to open 256 connections on both sides of the slowest peer."""
ALL_FORWARDED = "version: 1\n"
PLACES_OF_NGINX = "/usr/sbin:/usr/local/sbin:/opt/homebrew/bin"
NEEDS = {"httpx": ("uvicorn", "httptools", "uvloop"), "aiohttp": ("uvicorn", "aiohttp")}

HOW = {
    "strangler": "strangler serve --workers 1; its access log is written, to /dev/null",
    "nginx": "proxy_pass, 1 worker, kept upstream connections, HTTP/1.1, access_log off, "
    "buffers that hold whole bodies",
    "httpx": "ASGI application under uvicorn (httptools, uvloop), access log off",
    "aiohttp": "ASGI application under uvicorn (httptools, uvloop), access log off",
    "direct": "no proxy: visitors and upstream on the one core they share",
}

NGINX = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr error;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream legacy {{
        server {upstream};
        keepalive 512;
        keepalive_requests 1000000000;
    }}
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        client_max_body_size 0;
        location / {{
            proxy_pass http://legacy;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
            client_body_buffer_size 256k;
            proxy_buffers 8 32k;
            proxy_busy_buffers_size 64k;
            proxy_max_temp_file_size 0;
        }}
    }}
}}
"""
"""What a Django site needs of the proxy in front. The buffers are the fastest of those tried: with
smaller or streamed ones bodies of 100 KB cost nginx twice the time."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A proxy that runs: where it listens, and the processes it consists of."""

    name: str
    port: int
    pids: tuple[int, ...]

    def order(
        self,
        case: Case,
        seconds: float,
        *,
        shortest_warming: float = SHORTEST_WARMING,
        page: str = "",
    ) -> Order:
        """To measure it for so many seconds, once it is warm."""
        return Order(
            port=self.port,
            case=case,
            warm=max(shortest_warming, seconds / 5),
            seconds=seconds,
            pids=self.pids,
            page=page,
        )


def check_packages(names: Sequence[str]) -> None:
    """Raise `CannotMeasureError` naming all packages that these peers lack."""
    needed = {module for name in names for module in NEEDS.get(name, ())}
    if missing := sorted(module for module in needed if find_spec(module) is None):
        having = ",".join(name for name in PEERS if name not in NEEDS)
        raise CannotMeasureError(
            f"not installed: {', '.join(missing)} — install them (pip install "
            f"{' '.join(missing)}), or measure without: --peers {having}"
        )


def absent(name: str) -> str | None:
    """Why a peer is left out; None if it can run."""
    if name == "nginx" and nginx_program() is None:
        return f"nginx is neither on PATH nor in {PLACES_OF_NGINX.replace(':', ', ')}"
    return None


@contextmanager
def running(
    name: str,
    upstream_port: int,
    folder: Path,
    cores: Cores,
    *,
    routing: str = ALL_FORWARDED,
    more: Mapping[str, str] = MappingProxyType({}),
    within: float = START_SECONDS,
) -> Iterator[Peer]:
    """One peer, answering. Raises `EmbeddedError` with its last words if it never does.

    `routing` is our proxy's routing.yaml, `more` its further settings. `within` is in seconds.
    """
    folder.mkdir()
    (folder / "routing.yaml").write_text(routing)
    ports: list[int] = []
    pid_file = folder / "pid"

    def start(port: int) -> Child:
        ports.append(port)
        command, settings = _command(name, port, upstream_port, folder)
        child = Child(
            name,
            [
                *(sys.executable, "-m", "proxy.bench.pinned"),
                ",".join(map(str, sorted(cores.peer))),
                str(pid_file),
                *command,
            ],
            log=folder / "log",
            environment=_environment() | settings | dict(more),
            folder=folder,
        )
        child.wait_until(lambda: _answers(port), within=within)
        return child

    with on_free_port(start):
        yield Peer(name, ports[-1], with_descendants(int(pid_file.read_text())))


def _command(
    name: str, port: int, upstream_port: int, folder: Path
) -> tuple[list[str], dict[str, str]]:
    upstream = f"127.0.0.1:{upstream_port}"
    if name == OURS:
        program = "from proxy.cli import main; main(prog_name='strangler')"
        serve = ["serve", "--port", str(port), "--workers", "1"]
        settings = {"STRANGLER_LEGACY_URL": f"http://{upstream}"}
        return [sys.executable, "-c", program, *serve], settings
    if name == "nginx":
        file = folder / "nginx.conf"
        file.write_text(NGINX.format(folder=folder, port=port, upstream=upstream))
        return [nginx_program() or "nginx", "-p", str(folder), "-c", str(file), "-e", "stderr"], {}
    uvicorn = [
        *(sys.executable, "-m", "uvicorn", f"proxy.bench.via_{name}:app"),
        *("--host", "127.0.0.1", "--port", str(port), "--backlog", "4096"),
        *("--http", "httptools", "--loop", "uvloop", "--lifespan", "on"),
        *("--no-access-log", "--log-level", "warning"),
    ]
    return uvicorn, {UPSTREAM: f"http://{upstream}"}


def nginx_program() -> str | None:
    """Its path; a user's PATH often lacks the folders where it lies."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:{PLACES_OF_NGINX}")


def _environment() -> dict[str, str]:
    """This one without settings of an installation, and so that `proxy` is found."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STRANGLER_")}
    project = str(Path(__file__).resolve().parents[2])
    return kept | {"PYTHONPATH": os.pathsep.join(filter(None, [project, kept.get("PYTHONPATH")]))}


def _answers(port: int) -> bool:
    """Whether a request through it is answered; until then the upstream or the peer is not up."""
    try:
        url = f"http://127.0.0.1:{port}/"
        return httpx.get(url, timeout=5, trust_env=False).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
