"""The bundled site with its data, on both sides, and who is asked for its pages.

Everything of a side but the databases is on one core: Django's processes, the proxy's worker, the
bridge. The databases are beside the visitors.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep

import httpx

from proxy.bench import peers
from proxy.bench.cases import OURS
from proxy.bench.cores import Cores, pinned
from proxy.bench.faults import CannotMeasureError
from proxy.bench.pages.catalogue import CHANGING, DJANGO, FORWARDED, KEPT, NATIVE, PAGES
from proxy.bench.peers import Peer
from proxy.bench.readers import HOST
from proxy.demo.parts import SECRET_KEY, TESTS, LegacySite, strangler
from proxy.embedded.stack import EmbeddedStack

NATIVE_ROUTING = """version: 1
gates: off
domains:
  downloads:
    phase: reads
    routes: [/downloads/**, /api/v1/downloads/**, /api/v2/downloads/**]
  site_pages:
    phase: reads
    routes: [/]
  pages:
    phase: reads
    routes: [/**]
"""
TEMPLATES = TESTS / "legacy_site" / "templates"
READY_SECONDS = 180.0
"""With all that the native side needs, on one core that others may be using."""


@dataclass(frozen=True, slots=True)
class Running:
    """`sides` are those of the catalogue; `legacy_url` is Django's database, which the bridge
    follows."""

    sides: Mapping[str, Peer]
    legacy_url: str


@contextmanager
def running_site(cores: Cores) -> Iterator[Running]:
    """All sides, warm and ready. Raises `EmbeddedError` where a part does not start, and
    `CannotMeasureError` where a side does not answer as it should."""
    with ExitStack() as opened:
        folder = Path(opened.enter_context(TemporaryDirectory(prefix="strangler-bench-")))
        folder.chmod(0o711)  # PostgreSQL may run as another account, which has to get in
        stack = EmbeddedStack(folder / "stack")
        opened.callback(stack.delete)
        legacy, native = stack.create_database("legacy"), stack.create_database("native")
        site = LegacySite(legacy, folder, throttling=False, account_limits=False)
        site.manage("migrate")
        site.manage("seed")
        with pinned(cores.peer):
            site.start()
        opened.callback(site.stop)
        settings = {
            "STRANGLER_LEGACY_DATABASE_URL": legacy,
            "STRANGLER_LEGACY_SECRET_KEY": SECRET_KEY,
            "STRANGLER_LEGACY_MANIFEST": str(site.manifest(folder / "manifest.json")),
            "STRANGLER_LEGACY_TEMPLATES": str(TEMPLATES),
            "STRANGLER_DATABASE_URL": native,
            "STRANGLER_REDIS_URL": stack.redis_url,
            "STRANGLER_API_LIMITS": "off",
            "STRANGLER_SHADOW": "off",
        }
        strangler("db", "upgrade", settings=settings, folder=folder)
        strangler("sync", "init", settings=settings, folder=folder)
        sides = dict(_sides(opened, site, settings, folder, cores))
        for name, peer in sides.items():
            _make_ready(name, peer)
        _compare(sides)
        yield Running(sides, legacy)


def _sides(
    opened: ExitStack, site: LegacySite, settings: Mapping[str, str], folder: Path, cores: Cores
) -> Iterator[tuple[str, Peer]]:
    """The proxy whose answers are kept is started first, and has the bridge beside it."""

    port = int(site.url.rpartition(":")[2])

    def proxy(name: str, routing: str, **more: str) -> Peer:
        given = {**settings, **more}
        return opened.enter_context(
            peers.running(
                *(OURS, port, folder / name, cores),
                routing=routing,
                more=given,
                within=READY_SECONDS,
            )
        )

    kept = proxy("kept", NATIVE_ROUTING)
    django = tuple(process.pid for process in site.processes())
    forwarding = proxy("forwarding", peers.ALL_FORWARDED, STRANGLER_BRIDGE="off")
    unkept = proxy("unkept", NATIVE_ROUTING, STRANGLER_BRIDGE="off", STRANGLER_CACHE_BYTES="0")
    yield DJANGO, Peer(DJANGO, port, django)
    yield FORWARDED, Peer(FORWARDED, forwarding.port, forwarding.pids + django)
    yield NATIVE, Peer(NATIVE, unkept.port, unkept.pids)
    yield KEPT, Peer(KEPT, kept.port, kept.pids)
    yield CHANGING, Peer(CHANGING, kept.port, kept.pids)


def _make_ready(name: str, peer: Peer) -> None:
    """Every page answered by whom it should be; answers kept, where they are to be."""
    owner = {DJANGO: None, FORWARDED: "legacy"}.get(name, "native")
    for page in PAGES:
        url = f"http://127.0.0.1:{peer.port}{page.path}"
        _await(f"{page.path}: not answered by {name}", partial(_answered, url, owner))
    if name in (KEPT, CHANGING):
        metrics = f"http://127.0.0.1:{peer.port}/__strangler__/metrics"
        _await("no change of rows is heard of", lambda: _listens(metrics))


def _answered(url: str, owner: str | None) -> bool:
    answer = httpx.get(url, trust_env=False, timeout=READY_SECONDS)
    is_right = answer.headers.get("strangler-owner") == owner
    return is_right and answer.status_code == httpx.codes.OK


def _listens(url: str) -> bool:
    return "strangler_cache_listening 1.0" in httpx.get(url, trust_env=False).text.splitlines()


def _compare(sides: Mapping[str, Peer]) -> None:
    """Raise `CannotMeasureError` where two sides do not answer alike."""
    for page in PAGES:
        bodies = {name: _body(peer, page.path) for name, peer in sides.items()}
        if odd := [name for name, body in bodies.items() if body != bodies[DJANGO]]:
            raise CannotMeasureError(f"{page.path}: another page from {' and '.join(odd)}")


def _body(peer: Peer, path: str) -> bytes:
    headers = {"Host": HOST}  # absolute links tell it
    return httpx.get(
        f"http://127.0.0.1:{peer.port}{path}", headers=headers, trust_env=False
    ).content


def _await(problem: str, condition: Callable[[], bool]) -> None:
    until = monotonic() + READY_SECONDS
    while not condition():
        if monotonic() > until:
            raise CannotMeasureError(f"{problem} within {READY_SECONDS:g} s")
        sleep(0.05)
