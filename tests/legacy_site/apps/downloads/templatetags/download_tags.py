"""Filters and tags of the download pages."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from legacy_site.apps.downloads.models import Release

register = template.Library()

_WINDOWS_ORDER = (
    "Windows installer (64-bit)",
    "Windows installer (32-bit)",
    "Windows installer (ARM64)",
    "Windows help file",
    "Windows embeddable package (64-bit)",
    "Windows embeddable package (32-bit)",
    "Windows embeddable package (ARM64)",
)


@register.filter
def strip_minor_version(version: str) -> str:
    return ".".join(version.split(".")[:2])


@register.filter
def has_gpg(files) -> bool:
    return any(file.gpg_signature_file for file in files)


@register.filter
def has_sigstore_materials(files) -> bool:
    return any(
        file.sigstore_bundle_file or file.sigstore_cert_file or file.sigstore_signature_file
        for file in files
    )


@register.filter
def has_sbom(files) -> bool:
    return any(file.sbom_spdx2_file for file in files)


@register.filter
def has_md5(files) -> bool:
    return any(file.md5_sum for file in files)


@register.filter
def has_sha256(files) -> bool:
    return any(file.sha256_sum for file in files)


@register.filter
def wbr_wrap(checksum: str) -> str:
    """In two halves that may break every 16 characters."""
    if not checksum:
        return checksum or ""
    chunks = [checksum[start : start + 16] for start in range(0, len(checksum), 16)]
    middle = len(chunks) // 2
    halves = [
        format_html(
            '<span class="checksum-half">{}</span>',
            format_html_join(mark_safe("<wbr>"), "{}", ((chunk,) for chunk in part)),
        )
        for part in (chunks[:middle], chunks[middle:])
    ]
    return format_html_join(mark_safe("<wbr>"), "{}", ((half,) for half in halves))


@register.filter
def sort_windows(files):
    """Files for Windows last, in the order people look for them."""

    def place(file) -> int:
        if not file.name.startswith("Windows"):
            return -1
        known = file.name in _WINDOWS_ORDER
        return _WINDOWS_ORDER.index(file.name) if known else len(_WINDOWS_ORDER)

    return sorted(files, key=place)


@register.simple_tag
def get_eol_info(release: Release) -> dict:
    """Nothing is known to have ended: the bundled site does not ask the release-cycle API."""
    return {"is_eol": False, "eol_date": None}


@register.inclusion_tag("downloads/active-releases.html")
def render_active_releases() -> dict:
    """Empty, as the real site's when the release-cycle API does not answer."""
    return {"releases": []}
