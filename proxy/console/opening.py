"""The console of one worker, put together from its parts."""

from collections.abc import Callable

from ported_domains.shared.visitors.contracts import Contracts
from proxy.console.actions import Actions
from proxy.console.api import Api
from proxy.console.application import Console
from proxy.console.door import Opened
from proxy.console.events import Viewers
from proxy.console.forms import Forms
from proxy.console.off_loop import Crew
from proxy.console.overview import Routing
from proxy.console.pages import Pages
from proxy.console.permission import Operators
from proxy.console.recognition import Recognition
from proxy.console.snapshots import BridgeWatch, Snapshots
from proxy.console.tables import all_tables
from proxy.routing.source import RoutingSource
from proxy.settings import Settings


def open_console(
    settings: Settings,
    source: RoutingSource,
    *,
    contracts: Contracts | None,
    bridge: BridgeWatch | None,
    ending: Callable[[], bool],
    key: bytes,
) -> Opened:
    """`ending`: the worker lets what is under way end; `key` signs what visitors bring back.
    Belongs inside the event loop."""
    native_url = settings.plain("database_url")
    snapshots = Snapshots(
        Crew(),
        settings.plain("legacy_database_url"),
        native_url,
        routing_of(settings, source),
        all_tables(),
        settings.legacy_manifest,
        bridge,
    )
    pages = Pages(snapshots)
    actions = None if native_url is None else Actions(settings)
    console = Console(
        Recognition(Operators.of(settings.operators), contracts, _secrets(settings)),
        pages,
        Forms(snapshots, pages, actions),
        Api(snapshots, pages),
        Viewers(ending),
        key,
    )
    return Opened(console, snapshots.watch_lag)


def routing_of(settings: Settings, source: RoutingSource) -> Callable[[], Routing]:
    """The same object as long as nothing has changed."""
    last: list[Routing] = []

    def now() -> Routing:
        config, faults = source.config, source.faults
        if not last or last[0].config is not config or last[0].faults != faults:
            name = settings.routing.name
            last[:] = [Routing(name, source.digest, faults, config, source.table)]
        return last[0]

    return now


def _secrets(settings: Settings) -> list[str]:
    """Whoever knows all of these could come in anyway; nobody else can make a cookie of ours."""
    names = ("legacy_secret_key", "database_url", "legacy_database_url")
    return [*(settings.plain(name) or "" for name in names), *settings.operators]
