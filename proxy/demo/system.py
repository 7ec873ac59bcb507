"""The whole system, put together step by step: databases, legacy site, first copy, proxy.

The proxy keeps the bridge running beside its workers: from then on both databases are in step.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import httpx
import psycopg

from proxy.demo.parts import SECRET_KEY, LegacySite, RunningProxy, strangler
from proxy.embedded.child import EmbeddedError
from proxy.embedded.stack import EmbeddedStack
from proxy.settings import Settings

MARK = "a database of the strangler demo"
Say = Callable[[str], None]

ROUTING = """\
# Who answers what in the demo. Edit a phase and save: within a second it is in force.
#   legacy   Django answers
#   reads    the native side answers GET, HEAD and OPTIONS
#   native   it answers everything, and its rows are the ones that count: the bridge carries them
#            back to Django's database, so that Django's admin goes on working
version: 1
gates: off    # without this line a domain has to show that both sides answer alike first

domains:
  downloads:
    phase: {downloads}
    routes:
      - /downloads/**
      - /getit/**
      - /release-edit-button/**
      - /api/v1/downloads/**
      - /api/v2/downloads/**

  # Log in at /accounts/login/, then set `native` here: you are still logged in, in Django's admin,
  # too. Change your password or add an address natively, log out natively: out on both sides.
  users:
    phase: {users}
    routes:
      - /accounts/**
      - /users/**     # no native page has these yet: they stay with Django in every phase

  # Submit a story natively, publish it in Django's admin, see it natively.
  successstories:
    phase: {successstories}
    routes:
      - /success-stories/**

  # Pages that editors write, and whatever no other line has. What only Django has a page for, such
  # as /admin/, stays with Django.
  pages:
    phase: {pages}
    routes:
      - /**
      - /api/v1/pages/**
      - /api/v2/pages/**
"""
PHASES = MappingProxyType(
    dict.fromkeys(("downloads", "users", "successstories", "pages"), "legacy")
)
"""Of each domain, to begin with."""


@dataclass(frozen=True, slots=True)
class System:
    """What runs. `routing` is the file to edit; `settings` those of the proxy; `mails` the folder
    that both sides leave their mails in."""

    site: LegacySite
    proxy: RunningProxy
    routing: Path
    settings: dict[str, str]
    folder: Path

    @property
    def mails(self) -> Path:
        return self.folder / "mails"

    def visitor(self) -> httpx.Client:
        """Somebody new. Who has just written is answered by the side that has it; they have not."""
        return httpx.Client(base_url=self.proxy.url, timeout=30, trust_env=False)

    def run(self, *arguments: str) -> str:
        """Run one of our commands with the settings of the proxy; what it printed."""
        return strangler(*arguments, settings=self.settings, folder=self.folder)

    def wish(self, **phases: str) -> None:
        """Write the phases that are wanted into routing.yaml, in one step as editors do; a domain
        that is not named goes back to where it began."""
        self.write_routing(ROUTING.format(**{**PHASES, **phases}))

    def write_routing(self, text: str) -> None:
        fresh = self.routing.with_suffix(".new")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(self.routing)


@contextmanager
def running_system(folder: Path, port: int, say: Say, *, limited: bool = True) -> Iterator[System]:
    """Everything up for the length of a block. `folder` keeps databases, uploads and logs.

    `limited`: both sides limit their API's callers, as in production.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _databases(folder, say) as settings:
        legacy_url = settings["STRANGLER_LEGACY_DATABASE_URL"]
        site = LegacySite(legacy_url, folder, throttling=limited)
        if _is_new(legacy_url):
            say("The legacy site: tables and data")
            site.manage("migrate")
            site.manage("seed")
            _mark(legacy_url)
        say("The legacy site: its manifest, and gunicorn")
        shared = _shared_login(site, folder)
        site.start()
        try:
            yield from _with_proxy(site, settings | shared, folder, port, say, limited)
        finally:
            site.stop()


def _shared_login(site: LegacySite, folder: Path) -> dict[str, str]:
    """What native pages need to know the legacy site's visitors and to do as it does.

    The manifest is written at each start: the site may be a newer one than the folder.
    """
    return {
        "STRANGLER_LEGACY_SECRET_KEY": SECRET_KEY,
        "STRANGLER_LEGACY_MANIFEST": str(site.manifest(folder / "manifest.json")),
        "STRANGLER_MAIL_URL": site.mails.as_uri(),
    }


def _with_proxy(
    site: LegacySite, settings: dict[str, str], folder: Path, port: int, say: Say, limited: bool
) -> Iterator[System]:
    say("The native database: tables, and a first copy of all rows")
    strangler("db", "upgrade", settings=settings, folder=folder)
    strangler("sync", "init", settings=settings, folder=folder)
    routing = routing_file(folder, say)
    settings |= {
        "STRANGLER_LEGACY_URL": site.url,
        "STRANGLER_ROUTING": str(routing),
        "STRANGLER_API_LIMITS": "true" if limited else "false",
        "STRANGLER_DEVELOPMENT": "true",
        "STRANGLER_OPERATORS": "superusers",
    }
    say("The proxy: two workers, and the bridge beside them")
    proxy = RunningProxy(settings, folder, port=port, workers=2)
    try:
        yield System(site, proxy, routing, settings, folder)
    finally:
        proxy.close()


def routing_file(folder: Path, say: Say) -> Path:
    """The file as somebody left it, else a new one. One of an earlier version has fewer domains."""
    file = folder / "routing.yaml"
    if not file.exists():
        file.write_text(ROUTING.format(**PHASES), encoding="utf-8")
    written = file.read_text(encoding="utf-8", errors="replace")
    absent = [name for name in PHASES if not re.search(rf"^ *{name} *:", written, re.MULTILINE)]
    if absent:
        say(
            f"{file} is kept as it is, without what is new: {', '.join(absent)}; "
            "delete it and start again for one that has it"
        )
    return file


@contextmanager
def _databases(folder: Path, say: Say) -> Iterator[dict[str, str]]:
    """Servers named in the settings; embedded ones for those that are not."""
    given = Settings.load()
    names = ("legacy_database_url", "database_url", "redis_url")
    urls = {f"STRANGLER_{name.upper()}": given.plain(name) for name in names}
    settings = {name: url for name, url in urls.items() if url is not None}
    if len(settings) == len(names):
        yield settings
        return
    say("PostgreSQL and Redis")
    with EmbeddedStack(folder / "servers") as stack:
        embedded = {
            "STRANGLER_LEGACY_DATABASE_URL": _database(stack, "legacy"),
            "STRANGLER_DATABASE_URL": _database(stack, "native"),
            "STRANGLER_REDIS_URL": stack.redis_url,
        }
        yield embedded | settings


def _database(stack: EmbeddedStack, name: str) -> str:
    return stack.postgres_url(name) if stack.has_database(name) else stack.create_database(name)


def _is_new(url: str) -> bool:
    """Whether the demo may fill this database: it is empty. One that the demo filled is not new.

    Any other is refused: the demo would write its own rows among somebody's.
    """
    with psycopg.connect(url) as connection:
        query = (
            "SELECT obj_description('public'::regnamespace),"
            " EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public')"
        )
        mark, has_tables = connection.execute(query).fetchone() or (None, False)
    if mark == MARK:
        return False
    if has_tables:
        raise EmbeddedError(
            "STRANGLER_LEGACY_DATABASE_URL names a database with tables of its own; "
            "the demo fills an empty one only"
        )
    return True


def _mark(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(f"COMMENT ON SCHEMA public IS '{MARK}'")


def default_folder() -> Path:
    """Where the demo keeps its state: `.cache/demo` here, or in the user's cache."""
    here = Path.cwd() / ".cache" / "demo"
    if os.access(Path.cwd(), os.W_OK):
        return here
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "strangler" / "demo"
