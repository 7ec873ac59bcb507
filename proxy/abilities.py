"""What each domain can do natively in this installation: its own nature, and the settings."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from legacy_bridge.manifest import obeying, reading
from legacy_bridge.manifest.model import Manifest
from legacy_bridge.manifest.reading import ManifestError
from legacy_bridge.replication.mapping import TableMapping
from ported_domains.domain import Domain
from ported_domains.missed import missed_tables
from ported_domains.registry import DOMAINS
from ported_domains.shared.resolver import Urls
from ported_domains.shared.urls import Url, mounted
from ported_domains.shared.visit import decode_path
from proxy.ownership.phases import Ability
from proxy.routing.legacy_pages import LegacyPages
from proxy.settings import PREFIX, Settings, SettingsError

KNOWS_VISITORS = "legacy_secret_key"
"""A domain that needs this setting has sessions, users and forms."""


def abilities(settings: Settings) -> Mapping[str, Ability]:
    """By name, for all domains of the registry. Raises `SettingsError` for a faulty manifest."""
    return abilities_under(settings, manifest_of(settings))


def abilities_under(settings: Settings, manifest: Manifest | None) -> Mapping[str, Ability]:
    """The same, for who has read the manifest."""
    return {name: _ability(domain, settings, manifest) for name, domain in DOMAINS.items()}


def movable() -> Mapping[str, Sequence[TableMapping]]:
    """Domains whose rows can be handed over, each with its tables."""
    return {
        name: domain.mapping
        for name, domain in DOMAINS.items()
        if domain.mapping and not domain.shares_rows
    }


def native_tables() -> Mapping[str, Sequence[str]]:
    """Names of the native tables of each domain."""
    return {name: [table.native for table in domain.mapping] for name, domain in DOMAINS.items()}


def legacy_pages(manifest: Manifest | None, abilities: Mapping[str, Ability]) -> LegacyPages:
    """What the legacy site alone has, beside the domains that are able to answer natively; without
    a manifest nobody knows its URLs. Raises `SettingsError` for a pattern that cannot be read."""
    able = frozenset(name for name in DOMAINS if abilities[name].lacking is None)
    stood_for = [name for name in able if DOMAINS[name].catches_all]
    try:
        return LegacyPages(manifest, _page_of(), decode_path, able, stood_for)
    except ValueError as error:
        raise SettingsError(f"{PREFIX}LEGACY_MANIFEST: {error}") from None


def _page_of() -> Callable[[str], str | None]:
    """Tells of which domain the native page at a decoded path is."""
    urls: list[tuple[str, Url]] = [
        (domain.name, mounted(handler).opt["url"])
        for domain in DOMAINS.values()
        for handler in domain.handlers
    ]
    resolver = Urls(url for _, url in urls)
    # Of one pattern the first counts, as in the resolver.
    owners = {url.regex.pattern: name for name, url in reversed(urls)}

    def page_of(path: str) -> str | None:
        found = resolver.resolve(path)
        return owners[found.endpoint.url.regex.pattern] if found else None

    return page_of


def manifest_of(settings: Settings) -> Manifest | None:
    """What the legacy project told about itself; None where no file is named."""
    if settings.legacy_manifest is None:
        return None
    try:
        return reading.load(settings.legacy_manifest)
    except ManifestError as error:
        lines = str(error).splitlines()
        raise SettingsError(*(f"{PREFIX}LEGACY_MANIFEST: {line}" for line in lines)) from None


def _ability(domain: Domain, settings: Settings, manifest: Manifest | None) -> Ability:
    lacking = "; ".join(_lacking(domain, settings, manifest)) or None
    return Ability(shares_rows=domain.shares_rows, lacking=lacking)


def _lacking(domain: Domain, settings: Settings, manifest: Manifest | None) -> Iterator[str]:
    if not domain.handlers:
        yield "its pages are not ported yet"
    missing = [name for name in domain.needs if getattr(settings, name) is None]
    if missing:
        names = ", ".join(f"{PREFIX}{name.upper()}" for name in missing)
        yield f"{names} {'is' if len(missing) == 1 else 'are'} not set"
    if KNOWS_VISITORS in domain.needs:
        yield from _unknown_visitors(settings, manifest)
    if domain.mapping and not domain.shares_rows:
        yield from missed_tables(domain, DOMAINS, manifest)
    if domain.misfits is not None and manifest is not None:
        yield from domain.misfits(manifest)


def _unknown_visitors(settings: Settings, manifest: Manifest | None) -> Iterator[str]:
    """Links in mails are on the host that a request names, so an invented one must not pass."""
    if manifest is None:
        if not settings.allowed_hosts:
            yield (
                f"neither {PREFIX}LEGACY_MANIFEST nor {PREFIX}ALLOWED_HOSTS "
                "says which hosts are the site's"
            )
        return
    for name in obeying.missing_middleware(manifest):
        yield f"MIDDLEWARE has no {name}, and native pages do as it does"
