"""Which tables each ported domain has, as the registry of domains says."""

from collections.abc import Mapping

from legacy_bridge.replication.copy import Domains
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


def all_mappings() -> Domains:
    return {name: domain.mapping for name, domain in DOMAINS.items()}


def mappings_shown_by(name: str) -> Domains:
    """Of a domain and of all whose rows it shows; parents first."""
    wanted = _with_reads(name)
    return {one: domain.mapping for one, domain in DOMAINS.items() if one in wanted}


def _with_reads(name: str) -> set[str]:
    return {name}.union(*(_with_reads(below) for below in DOMAINS[name].reads))
