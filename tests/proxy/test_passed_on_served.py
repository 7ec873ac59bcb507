"""A whole system whose native side owns the pages, and with them `/**`: what only Django has pages
for is still there, and what the native side knows is its own."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest

from legacy_bridge.replication.owners import Owner, write_owner
from proxy.demo.admin import PASSWORD, is_inside, post_login
from proxy.demo.parts import SECRET_KEY, LegacySite, RunningProxy, strangler
from proxy.embedded.child import on_free_port
from proxy.embedded.stack import EmbeddedStack
from tests.legacy_bridge.replication.conftest import drop_slots

ROUTING = """version: 1
gates: off
domains:
  pages: {phase: native, routes: [/**]}
  downloads: {phase: reads, routes: [/elsewhere/]}
"""
RETIRED = """
INSERT INTO ownership_phases (domain, phase, epoch, since, asked, trouble)
VALUES ('pages', 'retired', 1, now(), '', '')
"""


@dataclass(frozen=True, slots=True)
class System:
    proxy: RunningProxy
    settings: Mapping[str, str]
    folder: Path

    def visitor(self) -> httpx.Client:
        return httpx.Client(base_url=self.proxy.url, trust_env=False, timeout=30)

    def ask(self, path: str, method: str = "GET") -> httpx.Response:
        with self.visitor() as visitor:
            return visitor.request(method, path)

    def told(self, *arguments: str) -> str:
        return strangler(*arguments, settings=self.settings, folder=self.folder)


@pytest.fixture(scope="module")
def system(
    stack: EmbeddedStack,
    legacy_template: str,
    native_template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("passed_on")
    legacy = stack.create_database("passed_on_legacy", template=legacy_template)
    native = stack.create_database("passed_on_native", template=native_template)
    site = LegacySite(legacy, folder, throttling=False, account_limits=False)
    site.start()
    (folder / "routing.yaml").write_text(ROUTING)
    settings = {
        "STRANGLER_LEGACY_URL": site.url,
        "STRANGLER_LEGACY_DATABASE_URL": legacy,
        "STRANGLER_DATABASE_URL": native,
        "STRANGLER_LEGACY_SECRET_KEY": SECRET_KEY,
        "STRANGLER_LEGACY_MANIFEST": str(site.manifest(folder / "manifest.json")),
        "STRANGLER_MAIL_URL": "console:",
        "STRANGLER_BRIDGE": "off",
    }
    try:
        strangler("sync", "init", settings=settings, folder=folder)
        with psycopg.connect(native) as connection:
            write_owner(connection, "pages", Owner.NATIVE)
        proxy = on_free_port(lambda port: RunningProxy(settings, folder, port=port))
        yield System(proxy, settings, folder)
        proxy.close()
    finally:
        site.stop()
        drop_slots(legacy)


def said(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.headers["strangler-owner"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/admin/login/", 200),
        ("/admin/", 302),
        ("/admin", 301),
        ("/users/u1_1/", 200),
        ("/users/u1_1", 301),
        ("/users/nobody/", 404),
        ("/static/admin/css/base.css", 200),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_django_answers_what_it_alone_has(
    system: System, method: str, path: str, status: int
) -> None:
    answer = system.ask(path, method)
    assert said(answer) == (status, "legacy")
    assert answer.headers["strangler-domain"] == "pages"
    assert bool(answer.content) is (method == "GET" and status in (200, 404))


def test_a_form_arrives_with_its_body(system: System) -> None:
    with system.visitor() as visitor:
        assert said(post_login(visitor, "wrong")) == (200, "legacy")
        answer = post_login(visitor, PASSWORD)
        assert (said(answer), answer.headers["location"]) == ((302, "legacy"), "/admin/")
        assert is_inside(visitor)


@pytest.mark.parametrize(
    ("path", "status", "location"),
    [
        ("/about/help/", 200, None),
        ("/about/help", 301, "{url}/about/help/"),
        ("/about-us/", 301, "/about/"),
        ("/downloads", 301, "/downloads/"),
        ("/downloads/", 200, None),
        ("/nobody/knows/", 404, None),
        ("/nobody/knows", 404, None),
    ],
)
def test_all_else_is_answered_natively(
    system: System, path: str, status: int, location: str | None
) -> None:
    answer = system.ask(path)
    assert said(answer) == (status, "native")
    assert answer.headers.get("location") == (location and location.format(url=system.proxy.url))
    if status == 404:
        assert "<h1>There is no page here</h1>" in answer.text


@pytest.mark.parametrize(("path", "status"), [("/", 200), ("/blogs/", 200), ("/blogs", 301)])
def test_django_answers_for_domains_that_are_not_named(
    system: System, path: str, status: int
) -> None:
    assert said(system.ask(path)) == (status, "legacy")


def test_a_form_for_nobody_is_the_native_sides(system: System) -> None:
    assert said(system.ask("/nobody/knows/", "POST")) == (404, "native")


def test_it_is_told(system: System) -> None:
    why = "the URL pattern /admin/login/ of the project knows it, and nobody natively does"
    assert why in system.told("routes", "explain", "POST", "/admin/login/")
    assert "legacy:" not in system.told("routes", "explain", "GET", "/about/help/")
    (note,) = [each for each in system.told("routes", "check").splitlines() if "phase," in each]
    assert note.startswith("routing.yaml:4: note: /** leaves to the legacy side, in every phase,")
    assert " of admin, " in note
    why = "it is a page of the domain blogs, which routing.yaml does not name"
    assert why in system.told("routes", "explain", "GET", "/blogs/")


def test_a_retired_domain_passes_nothing_on(system: System) -> None:
    """The last test of this system."""
    with psycopg.connect(system.settings["STRANGLER_DATABASE_URL"]) as native:
        native.execute(RETIRED)
    deadline = time.monotonic() + 30
    for method in ("GET", "POST"):  # either may be asked of the worker that has not heard of it yet
        while said(answer := system.ask("/admin/login/", method))[1] == "legacy":
            assert time.monotonic() < deadline
        assert said(answer) == (404, "native")
