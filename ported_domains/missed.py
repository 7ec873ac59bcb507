"""Tables of a domain that no mapping names: their rows would stay behind when it moves. Pure."""

from collections.abc import Iterator, Mapping

from legacy_bridge.manifest.model import Manifest, Model
from ported_domains.domain import Domain, Record


def missed_tables(
    domain: Domain, domains: Mapping[str, Domain], manifest: Manifest | None
) -> Iterator[str]:
    """Each with what to do. Of the native side its models, by the folder that they are in; of the
    legacy side, where its manifest is there, all tables of the apps that the domain has rows of."""
    mappings = [mapping for each in domains.values() for mapping in each.mapping]
    native, legacy = ({getattr(m, side) for m in mappings} for side in ("native", "legacy"))
    for name in _models(domain):
        if name not in native:
            yield (
                f"{name}: no mapping leads to this table, so that its rows would be on the native "
                f"side only — add it to the mapping of {domain.name}"
            )
    for app, name in _legacy_tables(domain, manifest) if manifest else ():
        if name not in legacy:
            yield (
                f"{name}: a table of the app {app}, of which {domain.name} has rows, is in no "
                f"mapping: its rows would stay behind — add it to the mapping of {domain.name}"
            )


def _models(domain: Domain) -> list[str]:
    place = f"ported_domains.{domain.name}"
    mappers = Record.registry.mappers
    return sorted(
        str(mapper.local_table.name)  # type: ignore[attr-defined]  # a model has a table
        for mapper in mappers
        if f"{mapper.class_.__module__}.".startswith(f"{place}.")
    )


def _legacy_tables(domain: Domain, manifest: Manifest) -> list[tuple[str, str]]:
    """App and table, with those between two models."""
    mapped = {mapping.legacy for mapping in domain.mapping}
    apps = {model.app for model in manifest.models if model.table in mapped}
    return sorted(
        {
            (model.app, table)
            for model in manifest.models
            if model.app in apps and _has_rows(model)
            for table in (model.table, *(link.table for link in model.many_to_many))
        }
    )


def _has_rows(model: Model) -> bool:
    """Of its own, in the database that is mapped, and made by Django."""
    return model.managed and model.proxy_of is None and model.database == "default"
