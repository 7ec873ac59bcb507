"""What the URLs of a release file must look like (behaviour/downloads.md §3)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ported_domains.downloads.models import URL_COLUMNS

OWN_START = "https://www.python.org/"
SUFFIXES: Mapping[str, str] = MappingProxyType(
    {
        "gpg_signature_file": ".asc",
        "sigstore_signature_file": ".sig",
        "sigstore_cert_file": ".crt",
        "sigstore_bundle_file": ".sigstore",
        "sbom_spdx2_file": ".spdx.json",
    }
)


def url_faults(values: Mapping[str, Any], stored: Mapping[str, Any] | None) -> dict[str, list[str]]:
    """Texts by field, of the URLs as they would be saved over the row `stored`.

    What is stored already may start otherwise, so that old rows can still be changed.
    """
    faults: dict[str, list[str]] = {}
    url = values.get("url") or ""
    for name in URL_COLUMNS:
        value, suffix = values.get(name) or "", SUFFIXES.get(name, "")
        unchanged = stored is not None and stored[name] == value
        if value and not unchanged and not value.startswith(OWN_START):
            text = f"Release file URLs must begin with '{OWN_START}'."
            faults.setdefault(name, []).append(text)
        if url and value and value != url + suffix:
            text = f"Sidecar URL must match the artifact URL plus '{suffix}'."
            faults.setdefault(name, []).append(text)
    return faults
