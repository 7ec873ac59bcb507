"""What the URLs of a release file must look like, for admin and both APIs."""

from collections.abc import Mapping

from legacy_site.apps.downloads.models import URL_FIELDS, ReleaseFile

_START = "https://www.python.org/"
_SUFFIXES = {
    "gpg_signature_file": ".asc",
    "sigstore_signature_file": ".sig",
    "sigstore_cert_file": ".crt",
    "sigstore_bundle_file": ".sigstore",
    "sbom_spdx2_file": ".spdx.json",
}


def url_errors(
    values: Mapping[str, str], stored: ReleaseFile | None = None
) -> dict[str, list[str]]:
    """Messages by field. `values` are the URLs as they would be saved over `stored`.

    A value that is stored already may start differently: old rows stay editable.
    """
    errors: dict[str, list[str]] = {}
    for name in URL_FIELDS:
        value = values.get(name) or ""
        unchanged = stored is not None and getattr(stored, name) == value
        if value and not value.startswith(_START) and not unchanged:
            errors.setdefault(name, []).append(f"Release file URLs must begin with '{_START}'.")
    url = values.get("url") or ""
    for name, suffix in _SUFFIXES.items():
        value = values.get(name) or ""
        if url and value and value != url + suffix:
            message = f"Sidecar URL must match the artifact URL plus '{suffix}'."
            errors.setdefault(name, []).append(message)
    return errors
