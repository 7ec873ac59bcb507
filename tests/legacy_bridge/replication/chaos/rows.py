"""The tables that the load writes, as much as it has to know of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from legacy_bridge.replication.owners import Owner
from tests.legacy_bridge.replication.sides import MAPPINGS

DOMAINS = ("pages", "boxes", "downloads", "jobs")
WANTED = {name: MAPPINGS[name] for name in DOMAINS}
JOBS = (Path(__file__).parent / "jobs_tables.sql").read_bytes()


@dataclass(frozen=True, slots=True)
class Table:
    """`token` holds a text that no two writes share, `unique` one that only one row may have,
    `large` one that does not fit into the row. `refers`: column → table; `others` are expressions.
    """

    domain: str
    legacy: str
    native: str
    token: str | None = None
    unique: str | None = None
    large: str | None = None
    refers: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)
    emptied: bool = False

    def name(self, side: Owner) -> str:
        return self.legacy if side is Owner.LEGACY else self.native

    def columns(self, side: Owner) -> dict[str, str]:
        """Of `others`, as they are called on that side."""
        legacy = side is Owner.LEGACY
        return {
            f"_{name}" if legacy and name.endswith("_rendered") else name: value
            for name, value in self.others.items()
        }


def _markup(*names: str) -> dict[str, str]:
    kinds = {f"{name}_markup_type": "'html'" for name in names}
    return kinds | {f"{name}_rendered": "''" for name in names}


def _texts(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, "''")


_AUTHORED = {"created": "now()", "updated": "now()"}

TABLES = (
    Table(
        "boxes",
        "boxes_box",
        "boxes",
        token="content_markup_type",
        unique="label",
        large="content",
        others=_AUTHORED | _texts("content_rendered"),
    ),
    Table(
        "pages",
        "pages_page",
        "pages",
        token="title",
        unique="path",
        large="content",
        others=_AUTHORED
        | _markup("content")
        | _texts("keywords", "description", "content_type", "template_name")
        | {"is_published": "true"},
    ),
    Table(
        "pages",
        "pages_image",
        "page_images",
        token="image",
        refers={"page_id": "pages"},
        emptied=True,
    ),
    Table(
        "downloads",
        "downloads_os",
        "operating_systems",
        token="name",
        unique="slug",
        others=_AUTHORED,
    ),
    Table(
        "downloads",
        "downloads_release",
        "releases",
        token="name",
        unique="slug",
        large="content",
        refers={"release_page_id": "pages"},
        others=_AUTHORED
        | _markup("content")
        | _texts("release_notes_url")
        | dict.fromkeys(("is_latest", "pre_release"), "false")
        | {"version": "3", "is_published": "true", "show_on_download_page": "true"}
        | {"release_date": "now()"},
    ),
    Table(
        "downloads",
        "downloads_releasefile",
        "release_files",
        token="name",
        unique="slug",
        refers={"os_id": "operating_systems", "release_id": "releases"},
        others=_AUTHORED
        | {"url": "'https://www.python.org/ftp/' || gen_random_uuid()"}
        | {"is_source": "false", "filesize": "1", "download_button": "false"}
        | _texts("description", "md5_sum", "sha256_sum", "gpg_signature_file")
        | _texts("sigstore_signature_file", "sigstore_cert_file")
        | _texts("sigstore_bundle_file", "sbom_spdx2_file"),
        emptied=True,
    ),
    Table(
        "jobs",
        "jobs_jobtype",
        "job_types",
        token="name",
        unique="slug",
        others={"active": "true"},
    ),
    Table(
        "jobs",
        "jobs_jobcategory",
        "job_categories",
        token="name",
        unique="slug",
        others={"active": "true"},
    ),
    Table(
        "jobs",
        "jobs_job",
        "jobs",
        token="job_title",
        large="description",
        refers={"category_id": "job_categories"},
        others=_AUTHORED
        | _markup("company_description", "description", "requirements")
        | _texts("other_job_type", "company_description", "requirements", "city", "region")
        | _texts("country", "location_slug", "country_slug", "email")
        | dict.fromkeys(("telecommuting", "agencies", "is_featured"), "false")
        | {"status": "'draft'"},
    ),
    Table(
        "jobs",
        "jobs_job_job_types",
        "job_type_associations",
        refers={"job_id": "jobs", "jobtype_id": "job_types"},
        emptied=True,
    ),
)
BY_NATIVE = {table.native: table for table in TABLES}
BY_NAME = BY_NATIVE | {table.legacy: table for table in TABLES}
CHILDREN = {
    parent.native: tuple(
        (child, column)
        for child in TABLES
        for column, refers in child.refers.items()
        if refers == parent.native
    )
    for parent in TABLES
}
