"""Template filters of the download pages (behaviour/downloads.md §6)."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from markupsafe import Markup, escape

from ported_domains.downloads.catalogue import ReleaseFile

_CHUNK = 16
_WINDOWS_ORDER = (
    "Windows installer (64-bit)",
    "Windows installer (32-bit)",
    "Windows installer (ARM64)",
    "Windows help file",
    "Windows embeddable package (64-bit)",
    "Windows embeddable package (32-bit)",
    "Windows embeddable package (ARM64)",
)


def strip_minor_version(version: str) -> str:
    """The series of a version: "3.14.0" → "3.14"."""
    return ".".join(version.split(".")[:2])


def has_gpg(files: Iterable[ReleaseFile]) -> bool:
    return any(file.gpg_signature_file for file in files)


def has_sigstore_materials(files: Iterable[ReleaseFile]) -> bool:
    return any(
        file.sigstore_bundle_file or file.sigstore_cert_file or file.sigstore_signature_file
        for file in files
    )


def has_sbom(files: Iterable[ReleaseFile]) -> bool:
    return any(file.sbom_spdx2_file for file in files)


def has_md5(files: Iterable[ReleaseFile]) -> bool:
    return any(file.md5_sum for file in files)


def has_sha256(files: Iterable[ReleaseFile]) -> bool:
    return any(file.sha256_sum for file in files)


def wbr_wrap(checksum: str) -> str:
    """A long checksum in two halves that a narrow column may break every 16 characters."""
    if not checksum:
        return ""
    chunks = [escape(checksum[at : at + _CHUNK]) for at in range(0, len(checksum), _CHUNK)]
    middle = len(chunks) // 2
    half = Markup('<span class="checksum-half">{}</span>')
    wbr = Markup("<wbr>")
    return wbr.join(half.format(wbr.join(part)) for part in (chunks[:middle], chunks[middle:]))


def sort_windows(files: Sequence[ReleaseFile]) -> list[ReleaseFile]:
    """Files whose name does not begin with "Windows" as they come, then those that do in the
    order people look for them."""
    return sorted(files, key=_windows_place)


def _windows_place(file: ReleaseFile) -> int:
    if not file.name.startswith("Windows"):
        return -1
    return _WINDOWS_ORDER.index(file.name) if file.name in _WINDOWS_ORDER else len(_WINDOWS_ORDER)


FILTERS: Mapping[str, Callable[..., object]] = {
    "strip_minor_version": strip_minor_version,
    "has_gpg": has_gpg,
    "has_sigstore_materials": has_sigstore_materials,
    "has_sbom": has_sbom,
    "has_md5": has_md5,
    "has_sha256": has_sha256,
    "wbr_wrap": wbr_wrap,
    "sort_windows": sort_windows,
}
