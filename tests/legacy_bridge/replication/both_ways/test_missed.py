"""Tables that a domain has and no mapping names, on either side."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast

import pytest

from legacy_bridge.manifest.model import Manifest, ManyToMany, Model
from ported_domains.missed import missed_tables
from ported_domains.registry import DOMAINS

DOWNLOADS = DOMAINS["downloads"]


def model(table: str, app: str = "downloads", **more: object) -> Model:
    made = Model(label=f"{app}.{table}", app=app, table=table, primary_key=("id",), fields=())
    return replace(made, **more)  # type: ignore[arg-type]


def manifest(*models: Model) -> Manifest:
    return cast(Manifest, SimpleNamespace(models=models, made=datetime.now(UTC)))


def test_no_domain_misses_a_table() -> None:
    assert [m for one in DOMAINS.values() for m in missed_tables(one, DOMAINS, None)] == []


def test_a_model_without_a_mapping() -> None:
    less = replace(DOWNLOADS, mapping=DOWNLOADS.mapping[:-1])
    assert list(missed_tables(less, {**DOMAINS, "downloads": less}, None)) == [
        (
            "release_files: no mapping leads to this table, so that its rows would be on the "
            "native side only — add it to the mapping of downloads"
        )
    ]


@pytest.mark.parametrize(
    ("other", "missed"),
    [
        (model("downloads_mirror"), ["downloads_mirror"]),
        (model("downloads_proxy", proxy_of="downloads.Release"), []),
        (model("downloads_view", managed=False), []),
        (model("downloads_far", database="other"), []),
        (model("other_table", app="other"), []),
        (
            model(
                "downloads_os",
                many_to_many=(
                    ManyToMany(
                        name="mirrors",
                        to="downloads.Mirror",
                        through="downloads.Through",
                        table="downloads_os_mirrors",
                        source_column="os_id",
                        target_column="mirror_id",
                    ),
                ),
            ),
            ["downloads_os_mirrors"],
        ),
    ],
)
def test_a_table_of_the_legacy_app(other: Model, missed: list[str]) -> None:
    known = [model(mapping.legacy) for mapping in DOWNLOADS.mapping]
    found = list(missed_tables(DOWNLOADS, DOMAINS, manifest(*known, other)))
    assert found == [
        f"{name}: a table of the app downloads, of which downloads has rows, is in no mapping: "
        "its rows would stay behind — add it to the mapping of downloads"
        for name in missed
    ]
