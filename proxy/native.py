"""The native side as one application: made alike for a worker, for `strangler parity`, and for the
shadow process."""

import logging
from typing import Any, cast

from sqlalchemy.ext.asyncio import AsyncEngine

from legacy_bridge.manifest import obeying
from legacy_bridge.manifest.model import Manifest
from legacy_bridge.manifest.reading import ManifestError
from legacy_bridge.templates.site import Thumbnails
from ported_domains.downloads.cycle_fetching import PUBLISHED_AT
from ported_domains.downloads.cycle_sharing import SharedCycle
from ported_domains.downloads.cycle_source import ReleaseCycle
from ported_domains.look import ORIGINALS, look_of
from ported_domains.registry import DOMAINS
from ported_domains.shared.api.sources import THROTTLES_KEY
from ported_domains.shared.api.throttle import Accesses, MemoryAccesses, Rate, Throttles
from ported_domains.shared.caching.cache import AnswerCache
from ported_domains.shared.look import LookOf
from ported_domains.shared.purging import CDN_KEY, Cdn
from ported_domains.shared.site import native_app
from ported_domains.shared.thumbnails.copies import SmallerCopies
from ported_domains.shared.thumbnails.folder import SharedFolder
from ported_domains.shared.visitors.contracts import CONTRACTS_KEY, Contracts
from ported_domains.site_content import CYCLE_KEY
from ported_domains.users.accounts.services import ACCOUNTS_KEY, Accounts
from proxy.server.asgi import Application
from proxy.settings import Settings, SettingsError

log = logging.getLogger(__name__)
_UNLIMITED = Rate(None, 1)


def native_application(
    database: AsyncEngine,
    legacy_database: AsyncEngine | None,
    *,
    throttles: Throttles,
    contracts: Contracts | None,
    accounts: Accounts | None,
    look: LookOf,
    cycle: ReleaseCycle | None,
    cache: AnswerCache | None = None,
    writes: AsyncEngine | None = None,
    cdn: Cdn | None = None,
) -> Application:
    """All ported domains over these databases, which stay the caller's to dispose of. `writes`:
    where rows of the native database are written, if it is another engine. `cdn` is told what a
    write outdates: not for those whose writes do not last."""
    state: dict[str, Any] = {
        THROTTLES_KEY: throttles,
        CONTRACTS_KEY: contracts,
        ACCOUNTS_KEY: accounts,
        CDN_KEY: cdn,
        CYCLE_KEY: cycle,
    }
    if writes is not None:
        state["engine"] = writes
    app = native_app(DOMAINS.values(), database, legacy_database, state, cache, look=look)
    return cast(Application, app)  # Litestar's types for scope and messages are its own


def site_cdn(settings: Settings) -> Cdn | None:
    """None without a key, and while developing, as on the legacy side."""
    key = settings.plain("fastly_api_key")
    if key is None or settings.development:
        return None
    return Cdn(key, settings.fastly_service_id)


def release_cycle(settings: Settings) -> ReleaseCycle | None:
    """None where it is not to be fetched. To be closed."""
    if settings.release_cycle_url == "off":
        return None
    url, redis_url = settings.release_cycle_url or PUBLISHED_AT, settings.plain("redis_url")
    return ReleaseCycle(url, None if redis_url is None else SharedCycle(redis_url, url))


def site_look(settings: Settings, manifest: Manifest | None, *, keeps_files: bool = True) -> LookOf:
    """The legacy site's own templates where they are given, else the built-in ones. `keeps_files`:
    smaller images that are drawn last. Raises `SettingsError`."""
    if settings.legacy_templates and manifest is None:
        raise SettingsError(
            "STRANGLER_LEGACY_TEMPLATES: these templates name URLs that only the legacy project "
            "knows — set STRANGLER_LEGACY_MANIFEST"
        )
    try:
        return look_of(
            manifest,
            settings.legacy_templates,
            package_index=settings.package_index,
            static_root=settings.legacy_static,
            media_store=settings.media_store,
            thumbnails=_thumbnails(settings, manifest, keeps=keeps_files),
            developing=settings.development,
        )
    except ValueError as error:
        raise SettingsError(f"STRANGLER_LEGACY_STATIC: {error}") from error


def _thumbnails(settings: Settings, manifest: Manifest | None, *, keeps: bool) -> Thumbnails:
    """Uploads themselves where nobody knows how, or where to, their smaller images go."""
    if settings.media_root is None:
        return ORIGINALS
    try:
        sorl = obeying.thumbnails(manifest)
    except ManifestError as error:
        log.warning("thumbnails are the uploads themselves: %s", error)
        return ORIGINALS
    if sorl is None:
        return ORIGINALS
    return SmallerCopies(sorl, SharedFolder(settings.media_root), keeps=keeps)


def unlimited(accesses: Accesses | None = None) -> Throttles:
    """Nobody is turned away for asking too often."""
    return Throttles(
        accesses=accesses or MemoryAccesses(), v1=_UNLIMITED, anonymous=_UNLIMITED, user=_UNLIMITED
    )
