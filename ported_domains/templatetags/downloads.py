"""The library `download_tags` (behaviour/downloads.md)."""

from collections.abc import Iterable, Mapping
from typing import Any

from legacy_bridge.templates.library import Library
from legacy_bridge.templates.safe import SafeString, escape
from ported_domains.templatetags.content import content

download_tags = Library("download_tags")

_CHUNK = 16
_WINDOWS = (
    "Windows installer (64-bit)",
    "Windows installer (32-bit)",
    "Windows installer (ARM64)",
    "Windows help file",
    "Windows embeddable package (64-bit)",
    "Windows embeddable package (32-bit)",
    "Windows embeddable package (ARM64)",
)


@download_tags.simple_tag
def get_eol_info(release: Any) -> Mapping[str, Any]:
    """`is_eol` and `eol_date`."""
    return content().end_of_life(release)


@download_tags.inclusion_tag("downloads/active-releases.html")
def render_active_releases() -> Mapping[str, Any]:
    return content().active_releases()


@download_tags.filter("strip_minor_version")
def strip_minor_version(version: str) -> str:
    """`3.14` of `3.14.1`."""
    return ".".join(version.split(".")[:2])


def _any_has(*names: str) -> Any:
    def has(files: Iterable[Any]) -> bool:
        return any(getattr(file, name) for file in files for name in names)

    return has


for _name, _columns in {
    "has_gpg": ("gpg_signature_file",),
    "has_sigstore_materials": (
        "sigstore_bundle_file",
        "sigstore_cert_file",
        "sigstore_signature_file",
    ),
    "has_sbom": ("sbom_spdx2_file",),
    "has_md5": ("md5_sum",),
    "has_sha256": ("sha256_sum",),
}.items():
    download_tags.filter(_name)(_any_has(*_columns))


@download_tags.filter("wbr_wrap")
def wbr_wrap(value: Any) -> Any:
    """A checksum that may break in its middle first, then after each sixteen characters."""
    if not value:
        return value or ""
    chunks = [escape(value[at : at + _CHUNK]) for at in range(0, len(value), _CHUNK)]
    middle = len(chunks) // 2
    halves = ("<wbr>".join(chunks[:middle]), "<wbr>".join(chunks[middle:]))
    return SafeString("<wbr>".join(f'<span class="checksum-half">{half}</span>' for half in halves))


@download_tags.filter("sort_windows")
def sort_windows(files: Any) -> Any:
    """Other systems' files first, then those of Windows in the order of preference."""
    if not files:
        return files
    every = list(files)
    preferred = [file for name in _WINDOWS for file in every if file.name == name]
    rest = [file for file in every if file.name.startswith("Windows") and file.name not in _WINDOWS]
    others = [file for file in every if not file.name.startswith("Windows")]
    return [*others, *preferred, *rest]
