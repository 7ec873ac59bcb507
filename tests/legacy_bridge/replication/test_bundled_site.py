"""The rows of the bundled Django site, and of the shared data set, through the whole copy."""

import pytest

from ported_domains.registry import DOMAINS
from tests.legacy_bridge.replication.sides import Sides


@pytest.mark.parametrize("database", ["legacy_template", "dataset_database_url"])
def test_every_row_arrives(empty: Sides, request: pytest.FixtureRequest, database: str) -> None:
    found: str = request.getfixturevalue(database)
    stack = request.getfixturevalue("stack")
    sides = Sides(found if "://" in found else stack.postgres_url(found), empty.native)
    report = sides.copy(*DOMAINS)
    assert report.equal
    assert report.warnings == ()
    assert {t.native: t.inserted for t in report.tables} == {
        t.native: t.rows for t in report.tables
    }
    assert all(t.rows for t in report.tables if t.domain == "downloads")
    assert sides.unequal(*DOMAINS) == []
