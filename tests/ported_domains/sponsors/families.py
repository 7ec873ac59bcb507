"""The families of tables, and which class of the legacy site each part belongs to."""

from typing import NamedTuple

import psycopg
from psycopg import sql

_KINDS = {
    "logo_placement": "logoplacement",
    "tiered_benefit": "tieredbenefit",
    "email_targetable": "emailtargetable",
    "required_img_asset": "requiredimgasset",
    "required_text_asset": "requiredtextasset",
    "required_response_asset": "requiredresponseasset",
    "provided_text_asset": "providedtextasset",
    "provided_file_asset": "providedfileasset",
}


class Part(NamedTuple):
    """A native table whose rows complete those of another, and its Django class in lower case."""

    base: str
    pointer: str
    table: str
    model: str


PARTS = [
    *(
        Part(
            "benefit_feature_configurations",
            "benefitfeatureconfiguration_ptr_id",
            f"{ours}_configurations",
            f"{theirs}configuration",
        )
        for ours, theirs in _KINDS.items()
    ),
    *(
        Part("benefit_features", "benefitfeature_ptr_id", f"{ours}s", theirs)
        for ours, theirs in _KINDS.items()
    ),
    *(
        Part("generic_assets", "genericasset_ptr_id", f"{kind}_assets", f"{kind}asset")
        for kind in ("img", "text", "file", "response")
    ),
]
BASES = ("benefit_feature_configurations", "benefit_features", "generic_assets")

_NAMED = """
SELECT base.id, c.app_label || '.' || c.model
FROM {base} AS base LEFT JOIN content_types AS c ON c.id = polymorphic_ctype_id ORDER BY 1
"""


def named(native: str, base: str) -> dict[int, str | None]:
    """What the content types say of the rows of a base table: id → class."""
    query = sql.SQL(_NAMED).format(base=sql.Identifier(base))
    with psycopg.connect(native) as connection:
        return dict(connection.execute(query).fetchall())


def completed(native: str, base: str) -> dict[int, str]:
    """What the tables say that complete them. No row is in two of them."""
    found: dict[int, str] = {}
    with psycopg.connect(native) as connection:
        for part in (part for part in PARTS if part.base == base):
            query = sql.SQL("SELECT {} FROM {}").format(
                sql.Identifier(part.pointer), sql.Identifier(part.table)
            )
            for (key,) in connection.execute(query):
                assert key not in found
                found[key] = f"sponsors.{part.model}"
    return found
