"""What fields are called, and how they are explained, where an API describes itself.

Both texts are also in the legacy site's models: its admin shows them.
"""

from collections.abc import Mapping
from types import MappingProxyType

VERBOSE_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "is_latest": "latest",
        "is_published": "published",
        "is_source": "Is Source Distribution",
        "release_notes_url": "Release Notes URL",
        "url": "URL",
        "gpg_signature_file": "GPG SIG URL",
        "sigstore_signature_file": "Sigstore Signature URL",
        "sigstore_cert_file": "Sigstore Cert URL",
        "sigstore_bundle_file": "Sigstore Bundle URL",
        "sbom_spdx2_file": "SPDX-2 SBOM URL",
        "md5_sum": "MD5 Sum",
        "sha256_sum": "SHA256 Sum",
    }
)
HELP_TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "is_latest": "The newest of its version; takes the mark away from the others.",
        "is_published": "Shown in lists, feeds and the API.",
        "pre_release": "Alpha, beta or release candidate.",
        "show_on_download_page": "Listed on /downloads/.",
        "url": "Download URL",
        "gpg_signature_file": "GPG Signature URL",
        "sigstore_signature_file": "Sigstore Signature URL",
        "sigstore_cert_file": "Sigstore Cert URL",
        "sigstore_bundle_file": "Sigstore Bundle URL",
        "sbom_spdx2_file": "SPDX-2 SBOM URL",
        "download_button": "Use for the supernav download button for this OS",
    }
)
