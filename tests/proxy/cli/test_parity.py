"""`strangler parity`: the real sides against each other, against themselves, and made wrong."""

import asyncio
import json
import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from proxy.abilities import abilities
from proxy.cli import main
from proxy.cli.parity.asking import Asking, Manner, Placed, Scope
from proxy.cli.parity.crawling import crawl
from proxy.cli.parity.questions import Ask, QuestionError, read_questions, read_recorded
from proxy.cli.parity.sides import Remote, client, native_application
from proxy.demo.parts import SECRET_KEY, LegacySite, RunningProxy
from proxy.embedded.child import on_free_port
from proxy.embedded.stack import EmbeddedStack
from proxy.parity.answer import Question
from proxy.parity.compare import compare
from proxy.parity.cookies import read
from proxy.parity.tally import Parity
from proxy.routing.parse import load
from proxy.routing.table import RoutingTable
from proxy.server.asgi import Application, Message, Receive, Send
from proxy.server.asgi import Scope as AsgiScope
from proxy.settings import Settings
from proxy.telemetry.access_log import AccessLog
from proxy.telemetry.line import Line

HOST = "www.example.org"
ROUTING = """\
version: 1
domains:
  downloads:
    phase: legacy
    routes:
      - /downloads/**
      - /getit/**
      - {path: /api/v1/downloads/**, methods: [GET, HEAD, OPTIONS]}
      - {path: /api/v2/downloads/**, methods: [GET, HEAD, OPTIONS]}
      - {path: /downloads/pinned/**, pin: legacy}
  users:
    phase: legacy
    routes: [/accounts/**]
"""


@pytest.fixture(scope="module")
def environment(
    legacy_site: LegacySite, native_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    routing = tmp_path_factory.mktemp("parity") / "routing.yaml"
    routing.write_text(ROUTING)
    return {
        "STRANGLER_ROUTING": str(routing),
        "STRANGLER_LEGACY_URL": legacy_site.url,
        "STRANGLER_LEGACY_DATABASE_URL": legacy_site.database_url,
        "STRANGLER_LEGACY_SECRET_KEY": SECRET_KEY,
        "STRANGLER_DATABASE_URL": native_database_url,
        "STRANGLER_ALLOWED_HOSTS": HOST,
    }


def strangler(environment: dict[str, str], *arguments: str) -> Result:
    """In a thread, as the tests' own event loop must stay this one's."""
    return CliRunner().invoke(main, ["parity", *arguments], env=environment)


def report(result: Result) -> dict[str, object]:
    found: dict[str, object] = json.loads(result.stdout)
    return found


ABSENT = ["/downloads/nope/", "/downloads", "/downloads/release/nope/"]


async def test_native_downloads_answer_as_django_does(
    environment: dict[str, str], folder: Path
) -> None:
    """By links, of both APIs, and what is not there; the legacy side asked twice in part."""
    urls = folder / "urls"
    apis = [
        f"/api/{api}/downloads/{name}/{query}"
        for api in ("v1", "v2")
        for name in ("os", "release", "release_file")
        for query in ("", "1/", "?limit=3", "?name=x", "9999/")
    ]
    urls.write_text(
        "\n".join(["# both APIs", *apis, *ABSENT, "HEAD /downloads/", "OPTIONS /getit/"])
    )
    arguments = ("--domain", "downloads", "--crawl", "60", "--urls", str(urls), "--json")
    further = ("--repeat-control", "0.2", "--html", "page.html", "--save", "tally.json")
    result = await asyncio.to_thread(strangler, environment, *arguments, *further)
    found = report(result)
    assert (result.exit_code, found["ok"]) == (0, True), result.output
    asked = int(str(found["asked"]))
    assert asked > len(apis) + 25
    assert found["equal"] == asked - int(str(found["left"]))
    assert found["repeated"] == int(0.2 * asked)
    page, saved = (folder / "page.html").read_text(), (folder / "tally.json").read_text()
    assert "Equal." in page
    assert Parity.from_json(saved).totals()["asked"] == found["asked"]


@asynccontextmanager
async def asking(
    environment: dict[str, str], wrong: Callable[[Application], Application]
) -> AsyncIterator[Callable[[list[str]], Awaitable[Parity]]]:
    """Ask the legacy site, and the native side as `wrong` makes it."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        settings = Settings.load()
        table = RoutingTable.build(load(settings.routing, abilities(settings)))
    scope = Scope(table, frozenset({"downloads"}))
    async with (
        native_application(settings) as app,
        client(environment["STRANGLER_LEGACY_URL"], {"Host": HOST}, 30) as legacy,
        client(f"http://{HOST}", {"Host": HOST}, 30, wrong(app)) as native,
    ):

        async def ask(targets: list[str]) -> Parity:
            run = Asking(
                Remote("legacy site", legacy),
                Remote("native side", native),
                Manner(host=HOST),
                lambda _done, _differing: None,
            )
            placed = list(scope.placed([Ask("GET", target) for target in targets], Counter()))
            assert len(placed) == len(targets)
            return await run.run(placed)

        yield ask


def wrong(app: Application) -> Application:
    """The native side with one fault on each of some pages."""

    async def asked(scope: AsgiScope, receive: Receive, send: Send) -> None:
        path = scope["path"]

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                if path == "/downloads/source/":
                    message["status"] = 203
                if path == "/downloads/feed.rss":
                    message["headers"] = [
                        (name, b"other" if name.lower() == b"surrogate-key" else value)
                        for name, value in message["headers"]
                    ]
            elif path.startswith("/api/v2/downloads/os/"):
                message["body"] = message["body"].replace(b'"slug":"', b'"slug":"x')
            elif path == "/downloads/":
                message["body"] = message["body"].replace(b"</h1>", b"!</h1>", 1)
            await send(message)

        await app(scope, receive, sent)

    return asked


async def test_one_fault_each_is_named_exactly(environment: dict[str, str]) -> None:
    targets = [
        "/downloads/",
        "/downloads/operating-systems/",
        "/downloads/source/",
        "/downloads/feed.rss",
        "/api/v2/downloads/os/1/",
        "/api/v2/downloads/release/1/",
    ]
    async with asking(environment, wrong) as ask:
        parity = await ask(targets)
    seen = {
        (one.target, one.path)
        for route in parity
        for path in route.paths.values()
        for one in path.examples
    }
    assert seen == {
        ("/downloads/source/", "status"),
        ("/downloads/feed.rss", "header:surrogate-key"),
        ("/api/v2/downloads/os/1/", "json:/slug"),
        ("/downloads/", "html:/html/body/div[1]/main[1]/h1[1]/text()[1]"),
    }
    assert parity.totals()["equal"] == 2


FORM = (("Cookie", f"csrftoken={'a' * 32}"), ("Content-Type", "application/x-www-form-urlencoded"))
LOGIN = f"csrfmiddlewaretoken={'a' * 32}&login=staff1&password=staff-1&email_body_text="


async def test_the_site_against_itself(legacy_site: LegacySite) -> None:
    """Pages with forms, the admin's login, both APIs, what is not there; and signing in, which
    begins a session and leaves a message that the next page shows."""
    async with client(legacy_site.url, {"Host": HOST}, 30) as one:
        side = Remote("legacy site", one)
        login = Ask("POST", "/accounts/login/", FORM, LOGIN.encode())
        signed_in = await side.ask(login)
        asked = Question("POST", "/accounts/login/", HOST, time.time())
        again = await side.ask(login)
        signing_in = compare(asked, signed_in.answer, again.answer)
        links = await crawl(side, ["/", "/admin/", "/users/"], lambda _: True, 100)
        targets = [
            *(f"/api/{api}/downloads/{name}/{n}/" for api in ("v1", "v2")
              for name in ("release", "release_file") for n in range(1, 21)),
            *(f"/downloads/latest/python3.{n}" for n in range(20)),
            *(f"/accounts/{name}/" for name in ("login", "signup", "password/reset", "email")),
            *(f"/nothing/{n}" for n in range(10)),
        ]  # fmt: skip
        cookies = read(signed_in.answer.lines("set-cookie"), asked.at, 5)
        kept = "; ".join(f"{name}={cookie.value}" for name, cookie in cookies.items())
        known = [
            Ask("GET", path, (("Cookie", kept),))
            for path in ("/authenticated", "/accounts/email/", "/users/edit/")
        ]
        asks = [*links.asks, *(Ask("GET", target) for target in targets), *known]
        run = Asking(side, side, Manner(host=HOST), lambda _done, _differing: None)
        parity = await run.run([Placed(ask, "all", "/**") for ask in asks])
        shown = (await side.ask(known[0])).answer.body
    assert signed_in.answer.status == 302
    assert signing_in.differences == ()
    assert {"csrf-token", "session-id"} <= signing_in.rules
    [route] = parity
    assert route.paths == {}
    assert (route.asked, route.equal) == (len(asks), len(asks))
    assert len(asks) >= 150
    assert b"Signed in as" in shown
    assert b"staff1." in shown
    assert route.rules["csrf-token"] >= 5


async def test_through_a_running_proxy(environment: dict[str, str], folder: Path) -> None:
    """Which does not answer natively for what is pinned, and says so; nor where nobody may ask."""
    urls = folder / "urls"
    urls.write_text("/downloads/\n/downloads/feed.rss\n/downloads/nope/\n")
    settings = environment | {"STRANGLER_DEVELOPMENT": "true"}
    proxy = await asyncio.to_thread(
        on_free_port, lambda port: RunningProxy(settings, folder, port=port, workers=1)
    )
    try:
        arguments = ("--native", proxy.url, "--urls", str(urls), "--json")
        result = await asyncio.to_thread(strangler, environment, *arguments)
    finally:
        await asyncio.to_thread(proxy.close)
    found = report(result)
    assert (result.exit_code, found["asked"], found["equal"], found["left"]) == (0, 3, 2, 1)


def test_a_difference_is_told_with_its_place(
    environment: dict[str, str], folder: Path, native_template: str, stack: EmbeddedStack
) -> None:
    """Where the native side has no rows yet."""
    urls = folder / "urls"
    urls.write_text("/api/v2/downloads/os/\nPOST /downloads/\n/nobody/\n")
    empty = {"STRANGLER_DATABASE_URL": stack.create_database("parity_empty", native_template)}
    result = strangler(environment | empty, "--urls", str(urls), "--html", "page.html")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert "  json:/[*]: missing in 1 of 1" in lines
    assert "not asked, not a safe method: see --unsafe: 1" in lines
    assert "not asked, no rule of routing.yaml takes it: 1" in lines
    assert lines[-1].endswith("0 equal: NOT equal: see above")
    assert "Not equal." in (folder / "page.html").read_text()
    ignoring = ("--urls", str(urls), "--ignore", "downloads=json:/*")
    assert strangler(environment | empty, *ignoring).exit_code == 0


REFUSED = [
    (("--domain", "nothing"), {}, "has no such domain, only downloads, users"),
    (("--domain", "users"), {}, "--domain users: STRANGLER_MAIL_URL"),
    (("--urls", "absent"), {}, "absent: cannot be read: No such file or directory"),
    (("--header", "nothing"), {}, "--header 'nothing': write 'NAME: VALUE'"),
    ((), {"STRANGLER_LEGACY_URL": ""}, "STRANGLER_LEGACY_URL is not set"),
    ((), {"STRANGLER_DATABASE_URL": ""}, "STRANGLER_DATABASE_URL is not set"),
    ((), {"STRANGLER_LEGACY_URL": "http://127.0.0.1:9"}, "the legacy site cannot be reached"),
    ((), {"STRANGLER_ROUTING": "absent.yaml"}, "absent.yaml"),
]


@pytest.mark.parametrize(("arguments", "settings", "message"), REFUSED)
def test_what_cannot_run(
    environment: dict[str, str], arguments: tuple[str, ...], settings: dict[str, str], message: str
) -> None:
    result = strangler(environment | settings, *arguments)
    assert message in result.stderr
    assert result.exit_code == 2


def test_unsafe_is_warned_of(environment: dict[str, str]) -> None:
    result = strangler(environment, "--unsafe", "--urls", "absent")
    assert result.stderr.startswith("warning: --unsafe: both sides will carry out what is asked")


def test_questions_of_every_form(folder: Path) -> None:
    file = folder / "urls"
    forms = [
        "# a comment",
        "",
        "/a/?b=1#c",
        "head /a/",
        "https://www.example.org/é",
        '{"path": "/j/", "method": "post", "headers": {"Accept": "x"}, "body": "a=1"}',
        '{"as": "anonymous", "url": "/g/", "status": 200, "headers": {"Vary": "Cookie"}}',
        '{"as": "staff", "url": "/g/", "status": 200}',
        "/a/?b=1",
    ]
    file.write_text("\n".join(forms))
    found = read_questions(file)
    assert found.asks == [
        Ask("GET", "/a/?b=1"),
        Ask("HEAD", "/a/"),
        Ask("GET", "/%C3%A9"),
        Ask("POST", "/j/", (("Accept", "x"),), b"a=1"),
        Ask("GET", "/g/"),
    ]
    assert sum(found.left_out.values()) == 1


@pytest.mark.parametrize("line", ["nothing", '{"method": "GET"}', "{", '["/a/"]', "/a/ b"])
def test_a_faulty_line_is_named(folder: Path, line: str) -> None:
    file = folder / "urls"
    file.write_text(f"/a/\n{line}\n")
    with pytest.raises(QuestionError, match=r"urls:2: "):
        read_questions(file)


async def test_an_access_log_is_asked_again(folder: Path) -> None:
    """As the proxy itself writes it, among other lines."""
    file = folder / "log"
    with file.open("wb") as out:
        log = AccessLog(os.dup(out.fileno()))
        for method, path in [
            ("GET", "/a/"),
            ("GET", "/a/"),
            ("POST", "/b/"),
            ("GET", "/\xc3\xa9/"),
        ]:
            log.write(Line("t", "request", method, path, 200, "legacy", "-", 1, 1, 1, "c", "i"))
        log.write(
            Line("t", "request", "GET", "/" + "x" * 5000, 200, "legacy", "-", 1, 1, 1, "c", "i")
        )
        log.close()
    file.write_text(file.read_text() + 'starting\n{"event": "other"}\n')
    found = read_recorded(file)
    assert found.asks == [Ask("GET", "/a/"), Ask("GET", "/%C3%A9/")]
    assert found.left_out == {
        "not a safe method: the log has no bodies": 1,
        "too long to have been logged whole": 1,
    }
