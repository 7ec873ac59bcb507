"""A front server decides as the proxy's own table does: nginx itself, the others by their rules."""

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import product
from pathlib import Path
from threading import Thread

import psycopg
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from proxy.cli import main
from proxy.embedded.child import free_port
from proxy.embedded.stack import EmbeddedStack
from proxy.export.envoy import envoy
from proxy.export.haproxy import haproxy
from proxy.export.nginx import nginx
from proxy.export.passages import passages
from proxy.ownership.phases import Phase
from proxy.routing.config import RoutingConfig
from proxy.routing.parse import parse
from proxy.routing.table import RoutingTable

TEXT = """version: 1
domains:
  downloads:
    phase: reads
    routes:
      - /downloads/**
      - /downloads/x.y/
      - {path: /api/v2/downloads/**, methods: [GET, HEAD]}
      - {path: /downloads/old/**, pin: legacy}
  boxes: {phase: shadow, routes: [/boxes/one/]}
  pages: {phase: legacy, routes: [/downloads/pages/**, /api/**]}
"""
PATHS = (
    "/",
    "/downloads",
    "/downloads/",
    "/downloadsx",
    "/downloads/x.y/",
    "/downloads/xzy/",
    "/downloads/pages",
    "/downloads/pages/a",
    "/downloads/old/a",
    "/downloads%2Fx",
    "/Downloads/",
    "/api/v2/downloads/os/",
    "/api/v1/downloads/",
    "/boxes/one/",
    "/boxes/one",
    "/boxes/one/two",
    "/__strangler__/",
    "/__strangler__",
    "/x/downloads/",
    "/downloads//a/../b",
)
METHODS = ("GET", "HEAD", "POST", "DELETE")
CASES = [
    (method, target)
    for method, path in product(METHODS, PATHS)
    for target in (path, f"{path}?a=/downloads/&b=/boxes/one/")
]


@pytest.fixture(scope="module")
def config() -> RoutingConfig:
    return parse(TEXT, ["downloads", "boxes", "pages"])


def expected(config: RoutingConfig, method: str, target: str) -> str:
    """Which server has to get it."""
    path = target.partition("?")[0]
    if path.startswith("/__strangler__/"):
        return "strangler"
    match = RoutingTable.build(config).match(method, path.encode())
    return "legacy" if match.wanted is Phase.LEGACY else "strangler"


def test_the_passages_are_those_of_the_table(config: RoutingConfig) -> None:
    found = passages(config)
    for method, target in CASES:
        path = target.partition("?")[0]
        to_proxy = next((one.to_proxy for one in found if one.takes(method, path)), False)
        assert to_proxy is (expected(config, method, target) == "strangler"), (method, target)


def test_what_is_retired_goes_to_the_proxy_whatever_the_file_wants() -> None:
    found = passages(parse(TEXT, ["downloads", "boxes", "pages"]), {"pages"})
    (rule,) = [one for one in found if one.takes("GET", "/downloads/pages/a") and one.why[0] == "p"]
    assert (rule.to_proxy, rule.why) == (True, "pages, retired")
    assert found[-1].takes("GET", "/api/x")  # none is left to the rest, which is the legacy site's


def test_haproxy_decides_alike(config: RoutingConfig) -> None:
    text = haproxy(passages(config), "http://10.0.0.1:8000", ("http://10.0.0.2:80",), 80)
    lines = re.findall(
        r'use_backend (\w+) if (?:\{ method ([A-Z ]+) \} )?\{ path_reg "(.*)" \}', text
    )
    assert len(lines) == text.count("use_backend")
    for method, target in CASES:
        path = target.partition("?")[0]
        chosen = next(
            (
                name
                for name, methods, pattern in lines
                if (not methods or method in methods.split())
                and re.search(pattern.replace("\\\\", "\\"), path)
            ),
            "legacy",
        )
        assert chosen == expected(config, method, target), (method, target)


def test_envoy_decides_alike(config: RoutingConfig) -> None:
    text = envoy(passages(config), "http://10.0.0.1:8000", ("https://10.0.0.2",), 80)
    resources = YAML(typ="safe").load(text)["static_resources"]
    manager = resources["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]
    routes = manager["route_config"]["virtual_hosts"][0]["routes"]
    for method, target in CASES:
        path = target.partition("?")[0]
        chosen = next(
            route["route"]["cluster"] for route in routes if holds(route["match"], method, path)
        )
        assert chosen == expected(config, method, target), (method, target)
    assert [("transport_socket" in cluster) for cluster in resources["clusters"]] == [False, True]


def holds(match: dict[str, object], method: str, path: str) -> bool:
    """As Envoy's documentation has it: the whole path, without query."""
    if "prefix" in match:
        return path.startswith(str(match["prefix"]))
    regex = match["safe_regex"]["regex"]  # type: ignore[index]
    headers = match.get("headers", [])
    methods = [one["string_match"]["safe_regex"]["regex"] for one in headers]  # type: ignore[attr-defined]
    of_method = all(re.fullmatch(one, method) for one in methods)
    return of_method and re.fullmatch(regex, path, re.DOTALL) is not None


class _Named(BaseHTTPRequestHandler):
    """Answers with its server's name and the target as it came."""

    protocol_version = "HTTP/1.1"
    name = ""

    def _answer(self) -> None:
        body = f"{self.name} {self.path}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Got", body.decode("ascii"))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_DELETE = _answer  # noqa: N815  # the library's names

    def log_message(self, *_: object) -> None: ...


def _named(name: str) -> ThreadingHTTPServer:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type(name, (_Named,), {"name": name}))
    Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture(scope="module")
def front(config: RoutingConfig, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of an nginx with the exported configuration."""
    program = shutil.which("nginx")
    if program is None:
        pytest.skip("there is no nginx here")
    folder = tmp_path_factory.mktemp("nginx")
    servers = {name: _named(name) for name in ("strangler", "legacy")}
    urls = {name: f"http://127.0.0.1:{one.server_address[1]}" for name, one in servers.items()}
    port = free_port()
    site = nginx(passages(config), urls["strangler"], (urls["legacy"],), port)
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/log;\n"
        f"events {{}}\nhttp {{ access_log off;\n{temporary}{site}}}\n"
    )
    command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as running:
        _wait(folder, running)
        yield port
        running.terminate()
    for server in servers.values():
        server.shutdown()
        server.server_close()


def _wait(folder: Path, running: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 10
    while not (folder / "pid").exists() or not (folder / "pid").read_text():
        assert running.poll() is None, (folder / "log").read_text()
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(("method", "target"), CASES)
def test_nginx_decides_alike(config: RoutingConfig, front: int, method: str, target: str) -> None:
    head = f"{method} {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", front), timeout=10) as client:
        client.sendall(head.encode())
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    (got,) = re.findall(rb"X-Got: (.*)\r\n", answer)
    assert got.decode() == f"{expected(config, method, target)} {target}"


def test_the_command_asks_the_database_what_is_retired(
    stack: EmbeddedStack, native_template: str, tmp_path: Path
) -> None:
    url = stack.create_database("export", template=native_template)
    with psycopg.connect(url) as native:
        native.execute(
            "INSERT INTO ownership_phases (domain, phase, epoch, since, asked, trouble)"
            " VALUES ('pages', 'retired', 1, now(), '', '')"
        )
    (tmp_path / "routing.yaml").write_text(TEXT)
    env = {
        "STRANGLER_ROUTING": str(tmp_path / "routing.yaml"),
        "STRANGLER_LEGACY_URL": "http://legacy:8001",
        "STRANGLER_DATABASE_URL": url,
    }
    done = CliRunner().invoke(main, ["export", "haproxy"], env=env)
    assert (done.exit_code, done.stderr) == (
        0,
        "pages is retired, so that the proxy gets its requests\n",
    )
    assert done.stdout.count("use_backend strangler") == done.stdout.count("use_backend")
    assert done.stdout.count("# pages, retired") == 2
    down = CliRunner().invoke(
        main,
        ["export", "haproxy"],
        env=env | {"STRANGLER_DATABASE_URL": "postgresql://127.0.0.1:1/x"},
    )
    assert (down.exit_code, down.stdout) == (2, "")


def test_the_command(tmp_path: Path) -> None:
    (tmp_path / "routing.yaml").write_text(
        TEXT.replace("boxes: {phase: shadow", "boxes: {phase: legacy")
    )
    env = {
        "STRANGLER_ROUTING": str(tmp_path / "routing.yaml"),
        "STRANGLER_LEGACY_URL": "http://legacy:8001",
    }
    out = tmp_path / "site.conf"
    done = CliRunner().invoke(main, ["export", "nginx", "-o", str(out)], env=env)
    assert (done.exit_code, done.stderr) == (0, f"{out}: written\n")
    assert "server legacy:8001;" in out.read_text()
    wrong = CliRunner().invoke(main, ["export", "envoy", "--proxy", "nowhere"], env=env)
    assert wrong.exit_code == 2
    assert "http://10.0.0.7:8001" in wrong.stderr
    (tmp_path / "routing.yaml").write_text("version: 2\n")
    faulty = CliRunner().invoke(main, ["export", "nginx"], env=env)
    assert faulty.exit_code == 2
    assert "write version: 1" in faulty.stderr
