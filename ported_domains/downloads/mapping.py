"""How the rows of downloads travel between the two databases (tables.md); parents first."""

from legacy_bridge.replication.mapping import TableMapping, same
from ported_domains.shared.columns import AUTHORED, NAMED, markup

MAPPING = (
    TableMapping(
        legacy="downloads_os",
        native="operating_systems",
        columns=(*AUTHORED, *NAMED),
    ),
    TableMapping(
        legacy="downloads_release",
        native="releases",
        columns=(
            *AUTHORED,
            *NAMED,
            *same("version", "is_latest", "is_published", "pre_release", "show_on_download_page"),
            *same("release_date", "release_page_id", "release_notes_url"),
            *markup("content"),
        ),
    ),
    TableMapping(
        legacy="downloads_releasefile",
        native="release_files",
        columns=(
            *AUTHORED,
            *NAMED,
            *same("os_id", "release_id", "description", "is_source", "url"),
            *same("gpg_signature_file", "sigstore_signature_file", "sigstore_cert_file"),
            *same("sigstore_bundle_file", "sbom_spdx2_file", "md5_sum", "sha256_sum"),
            *same("filesize", "download_button"),
        ),
    ),
)
