"""What one worker keeps: the cache by its settings, and its figures on the metrics page."""

from ported_domains.shared.caching.cache import AnswerCache
from proxy.settings import Settings
from proxy.telemetry import Telemetry
from proxy.telemetry.families import CACHE, CACHE_BYTES, CACHE_ENTRIES, CACHE_LISTENING


def cache_of(settings: Settings, telemetry: Telemetry) -> AnswerCache | None:
    """None where nothing is to be kept, or nothing is answered natively."""
    if settings.cache_bytes == 0 or settings.database_url is None:
        return None

    def count(what: str, times: int) -> None:
        telemetry.count(CACHE, what, by=times)

    cache = AnswerCache(settings.cache_bytes, count)
    telemetry.gauge(CACHE_BYTES, lambda: {(): cache.octets})
    telemetry.gauge(CACHE_ENTRIES, lambda: {(): len(cache)})
    telemetry.gauge(CACHE_LISTENING, lambda: {(): float(cache.trusted)})
    return cache
