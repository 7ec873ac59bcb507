"""`strangler serve` from outside: what keeps it from starting, and the least that starts it."""

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from proxy.demo.parts import RunningProxy
from proxy.embedded.child import on_free_port
from tests.legacy_bridge.manifest.exporting import BUNDLED
from tests.longer import sampled
from tests.proxy.telling import told, written


def serve(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `strangler serve` where it must refuse to start."""
    program = "from proxy.cli import main; main(prog_name='strangler')"
    environment = {f"STRANGLER_{name.upper()}": value for name, value in settings.items()}
    return subprocess.run(
        [sys.executable, "-c", program, "serve", *arguments],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path.cwd()), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "routing.yaml").write_text("version: 1\n")
    return tmp_path


def test_without_the_legacy_url(folder: Path) -> None:
    done = serve(folder)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("STRANGLER_LEGACY_URL is not set — it says where the legacy site")


def test_with_wrong_settings_all_are_named(folder: Path) -> None:
    done = serve(folder, legacy_url="legacy", database_url="sqlite:///secret")
    assert done.returncode == 2
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == [
        "STRANGLER_LEGACY_URL",
        "STRANGLER_DATABASE_URL",
    ]
    assert "secret" not in done.stderr


def test_without_routing_yaml(tmp_path: Path) -> None:
    done = serve(tmp_path, legacy_url="http://127.0.0.1:9")
    assert done.returncode == 2
    assert "routing.yaml:1:1: there is no such file" in done.stderr


def test_with_a_faulty_routing_yaml_every_fault_is_named(folder: Path) -> None:
    (folder / "routing.yaml").write_text("version: 2\nlegacy:\n  tiemout: 3s\n")
    done = serve(folder, legacy_url="http://127.0.0.1:9")
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert [line.split(":")[1] for line in lines] == ["1", "3"]


@pytest.mark.parametrize(
    ("changes", "said"),
    sampled(
        [
            (None, "No such file or directory"),
            ({"SESSION_COOKIE_AGE": "long"}, "settings.SESSION_COOKIE_AGE: "),
            (
                {"SESSION_ENGINE": "own.sessions"},
                "SESSION_ENGINE: sessions in own.sessions cannot be",
            ),
            ({"DEFAULT_FROM_EMAIL": "Us"}, "DEFAULT_FROM_EMAIL: 'Us' is no address such as"),
        ],
        short=2,
    ),
)
def test_a_manifest_that_cannot_be_obeyed(
    folder: Path, changes: dict[str, str] | None, said: str
) -> None:
    """Whatever domains are native: who sets the key wants sessions that both sides know."""
    if changes is not None:
        written(folder, told(BUNDLED, changes))
    done = serve(
        folder,
        legacy_url="http://127.0.0.1:9",
        legacy_database_url="postgresql://u:secret@127.0.0.1:9/d",
        legacy_secret_key="secret",
        legacy_manifest="manifest.json",
        mail_url="console:",
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("STRANGLER_LEGACY_MANIFEST: ")
    assert said in line
    assert "secret" not in line


def test_a_native_domain_needs_the_native_database(folder: Path) -> None:
    (folder / "routing.yaml").write_text(
        "version: 1\ndomains:\n  downloads:\n    phase: reads\n    routes: [/downloads/**]\n"
    )
    done = serve(folder, legacy_url="http://127.0.0.1:9")
    assert done.returncode == 2
    assert done.stderr.startswith(
        "STRANGLER_DATABASE_URL is not set — domain downloads is in phase reads in routing.yaml"
    )


def test_a_port_in_use_is_said(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = serve(folder, "--port", str(port), legacy_url="http://127.0.0.1:9")
    assert done.returncode == 2
    assert done.stderr.startswith(f"cannot listen on 127.0.0.1:{port}: Address already in use")


class _Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = json.dumps({"path": self.path, "host": self.headers["Host"]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """The test's output is not its log."""


@pytest.fixture
def upstream() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def proxy(folder: Path, upstream: str) -> Iterator[RunningProxy]:
    settings = {"STRANGLER_LEGACY_URL": upstream}
    running = on_free_port(lambda port: RunningProxy(settings, folder, port=port))
    yield running
    running.close()


def await_sample(proxy: RunningProxy, sample: str) -> None:
    """Each worker tells the others once a second what it has counted."""
    deadline = time.monotonic() + 30
    while (
        sample not in httpx.get(f"{proxy.url}/__strangler__/metrics", timeout=30).text.splitlines()
    ):
        assert time.monotonic() < deadline, f"no {sample}"
        time.sleep(0.05)


def test_the_legacy_url_and_version_1_forward_everything(proxy: RunningProxy, folder: Path) -> None:
    answer = httpx.get(
        f"{proxy.url}/a%2Fb/;x?q=%20", headers={"Host": "www.example.org"}, timeout=30
    )
    assert answer.status_code == 200
    assert answer.json() == {"path": "/a%2Fb/;x?q=%20", "host": "www.example.org"}
    assert answer.headers["strangler-owner"] == "legacy"
    assert "strangler-domain" not in answer.headers

    await_sample(proxy, 'strangler_requests_total{domain="-",owner="legacy",status="200"} 1.0')

    ready = httpx.get(f"{proxy.url}/__strangler__/health/ready", timeout=30).json()
    assert ready["ready"] is True
    assert ready["routing"]["faults"] == 0

    proxy.close()
    lines = [json.loads(line) for line in proxy.log.read_text().splitlines()]
    (line,) = [line for line in lines if line.get("path") == "/a%2Fb/;x"]
    assert line["event"] == "request"
    assert line["request_id"] == answer.headers["x-request-id"]
