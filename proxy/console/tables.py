"""Which tables each ported domain has, as the registry of domains says."""

from collections.abc import Mapping

from ported_domains.registry import DOMAINS
from proxy.abilities import movable
from proxy.console.reading.state import Tables


def all_tables() -> Mapping[str, Tables]:
    moved = movable()
    return {
        name: Tables(
            tuple(mapping.native for mapping in domain.mapping),
            tuple(mapping.legacy for mapping in domain.mapping),
            name in moved,
        )
        for name, domain in DOMAINS.items()
    }
