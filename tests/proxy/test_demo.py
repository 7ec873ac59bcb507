"""`strangler demo`: the walk through the main job, and the forms that it fills in."""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import httpx
import psutil  # type: ignore[import-untyped]
import psycopg
import pytest
from httpx import MockTransport as Transport

from proxy.demo import accounts
from proxy.demo.expectations import NotSeenError
from proxy.demo.forms import read_form
from proxy.demo.memory import AddedMemory
from proxy.demo.smoke import STEPS
from proxy.demo.streams import live_events
from proxy.demo.system import PHASES, System, routing_file
from proxy.embedded.stack import EmbeddedStack
from proxy.routing.parse import parse
from tests.longer import shorter

PROGRAM = "from proxy.cli import main; main(prog_name='strangler')"


def demo(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STRANGLER_")}
    given = {f"STRANGLER_{name.upper()}": value for name, value in settings.items()}
    # Lines that are counted take half as long again, and all of the site is at work in there.
    given |= shorter({}, {"COVERAGE_PROCESS_CONFIG": ""})
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, "demo", *arguments],
        cwd=folder,
        env=kept | {"PYTHONPATH": str(Path.cwd())} | given,
        capture_output=True,
        text=True,
        timeout=580,
        check=False,
    )


@pytest.mark.timeout(600)
def test_every_step_of_the_walk_holds(tmp_path: Path) -> None:
    done = demo(tmp_path, "--smoke", "--json")
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert [step["step"] for step in seen] == [name for name, _ in STEPS]
    assert [step for step in seen if not step["held"]] == []


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = demo(tmp_path, "--port", str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert "Address already in use — choose another with --port" in done.stderr


def test_somebodys_database_is_left_alone(stack: EmbeddedStack, tmp_path: Path) -> None:
    url = stack.create_database("somebodys")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE precious (id int)")
    done = demo(tmp_path, "--smoke", legacy_database_url=url)
    assert done.returncode == 2
    assert "names a database with tables of its own" in done.stderr
    with psycopg.connect(url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        assert tables.fetchall() == [("precious",)]


def test_a_new_folder_gets_every_domain(tmp_path: Path) -> None:
    said: list[str] = []
    file = routing_file(tmp_path, said.append)
    config = parse(file.read_text(), PHASES)
    assert {name: str(domain.phase) for name, domain in config.domains.items()} == dict(PHASES)
    assert said == []


def test_a_file_of_an_earlier_version_is_kept(tmp_path: Path) -> None:
    earlier = "version: 1\ndomains:\n  downloads:\n    phase: native\n"
    (tmp_path / "routing.yaml").write_text(earlier)
    said: list[str] = []
    file = routing_file(tmp_path, said.append)
    assert file.read_text() == earlier
    kept = (
        "is kept as it is, without what is new: users, successstories, pages;"
        " delete it and start again"
    )
    assert said == [f"{file} {kept} for one that has it"]


class Watched:
    """A site that sends the next event only if the one before has been acknowledged by then."""

    def __init__(self, *, buffered: bool) -> None:
        self._buffered = buffered
        self._acknowledged = ""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            self._acknowledged = request.url.params["n"]
            return httpx.Response(204)
        events = self._events()
        return httpx.Response(200, content=b"".join(events) if self._buffered else events)

    def _events(self) -> Iterator[bytes]:
        for number in range(1, 6):
            yield f"id: {number}\ndata: event {number} of 5\n\n".encode()
            if self._acknowledged != str(number):
                return


@pytest.fixture
def nothing_runs(tmp_path: Path) -> System:
    """For steps that look only at what the visitor gets."""
    absent = cast("Any", None)
    return System(site=absent, proxy=absent, routing=tmp_path, settings={}, folder=tmp_path)


def test_events_that_come_one_by_one_are_seen(nothing_runs: System) -> None:
    with httpx.Client(base_url="http://x", transport=Transport(Watched(buffered=False))) as visitor:
        assert live_events(nothing_runs, visitor) == "5 events, each seen before the next was sent"


def test_events_that_are_held_back_are_noticed(nothing_runs: System) -> None:
    with (
        httpx.Client(base_url="http://x", transport=Transport(Watched(buffered=True))) as visitor,
        pytest.raises(NotSeenError, match=re.escape("of 5 events these came in time: [1]")),
    ):
        live_events(nothing_runs, visitor)


LOGOUT = '<form method="post"><input name="csrfmiddlewaretoken" value="t"></form>'


@pytest.fixture
def signed_in() -> Iterator[httpx.Client]:
    """At a site that says it has logged out, and keeps the session all the same."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            gone = {"set-cookie": "sessionid=; Max-Age=0; Path=/", "strangler-owner": "native"}
            return httpx.Response(302, headers=gone)
        told = "You have signed out." if request.url.path == accounts.HEADER else LOGOUT
        return httpx.Response(200, text=told, headers={"strangler-owner": "legacy"})

    with httpx.Client(base_url="http://x", transport=Transport(answer)) as visitor:
        visitor.cookies.set("sessionid", "s", domain="x.local", path="/")
        yield visitor


def test_a_session_that_outlives_its_logout_is_noticed(
    nothing_runs: System, signed_in: httpx.Client
) -> None:
    with pytest.raises(NotSeenError, match=f"^{accounts.ADDRESSES} answered 200$"):
        accounts.log_out(nothing_runs, signed_in)


def test_a_login_that_the_native_side_took_is_noticed(nothing_runs: System) -> None:
    native = httpx.Response(200, headers={"strangler-owner": "native"})
    with (
        httpx.Client(base_url="http://x", transport=Transport(lambda _: native)) as visitor,
        pytest.raises(NotSeenError, match=r"^/accounts/login/ came from native$"),
    ):
        accounts.log_in(nothing_runs, visitor)


GROWING = """
import sys
for line in sys.stdin:
    held = b"x" * int(line)
    print(len(held), flush=True)
"""


def hold(growing: subprocess.Popen[str], count: int) -> None:
    """Have the process hold this many bytes, and return once it does."""
    assert growing.stdin is not None
    assert growing.stdout is not None
    print(count, file=growing.stdin, flush=True)
    assert growing.stdout.readline() == f"{count}\n"


def test_added_memory_is_the_most_of_all_looks() -> None:
    size = 48 * 1024 * 1024
    command = [sys.executable, "-c", GROWING]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as growing:
        hold(growing, 1)
        memory = AddedMemory([psutil.Process(growing.pid)])
        for count in (size, 1):
            hold(growing, count)
            memory.look()
    assert size <= memory.most < size + size // 4
    with pytest.raises(psutil.NoSuchProcess):
        memory.look()


PAGE = """
<form><input name="q" value="search"></form>
<form>
  <input type="hidden" name="token" value="a&amp;b"><input type="submit" name="_save" value="Save">
  <input type="checkbox" name="on" checked><input type="checkbox" name="off">
  <input type="radio" name="r" value="1"><input type="radio" name="r" value="2" checked>
  <input name="gone" value="x" disabled><input type="file" name="upload">
  <textarea name="text">
first
second</textarea>
  <select name="one"><option value="a">A</option><option value="b" selected>B</option></select>
  <select name="first"><option value="a">A</option><option value="b">B</option></select>
  <select name="many" multiple><option value="a" selected><option value="b" selected></select>
  <select name="none" multiple><option value="a"></select>
</form>
"""


def test_a_form_sends_what_a_browser_would() -> None:
    form = read_form(PAGE, "token")
    assert form.fields == [
        ("token", "a&b"),
        ("on", "on"),
        ("r", "2"),
        ("text", "first\nsecond"),
        ("one", "b"),
        ("first", "a"),
        ("many", "a"),
        ("many", "b"),
    ]
    assert form.files == ["upload"]
    assert form.filled(token="c")["token"] == ["c"]
    assert form.filled(token="c")["many"] == ["a", "b"]


def test_a_page_without_the_form_is_said() -> None:
    with pytest.raises(LookupError, match="no form with the field password"):
        read_form(PAGE, "password")
