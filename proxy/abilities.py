"""What each domain can do natively in this installation: its own nature, and the settings."""

from collections.abc import Iterator, Mapping

from legacy_bridge.manifest import reading
from legacy_bridge.manifest.model import Manifest
from legacy_bridge.manifest.reading import ManifestError
from ported_domains.domain import Domain
from ported_domains.registry import DOMAINS
from proxy.ownership.phases import Ability
from proxy.settings import PREFIX, Settings, SettingsError


def abilities(settings: Settings) -> Mapping[str, Ability]:
    """By name, for all domains of the registry. Raises `SettingsError` for a faulty manifest."""
    manifest = manifest_of(settings)
    return {name: _ability(domain, settings, manifest) for name, domain in DOMAINS.items()}


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
    missing = [name for name in domain.needs if getattr(settings, name) is None]
    if missing:
        names = ", ".join(f"{PREFIX}{name.upper()}" for name in missing)
        yield f"{names} {'is' if len(missing) == 1 else 'are'} not set"
    if domain.misfits is not None and manifest is not None:
        yield from domain.misfits(manifest)
