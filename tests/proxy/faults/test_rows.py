"""Every row of the table, played against `strangler serve`."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from proxy.forwarding.faults import STATUS
from tests.proxy.faults.company import Results, playing
from tests.proxy.faults.row import Row
from tests.proxy.faults.rows import AT_THE_DOOR, ELSEWHERE, ROWS

pytestmark = pytest.mark.faults


@pytest_asyncio.fixture(scope="module")
async def results(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Results]:
    """Of the rows that were asked for."""
    callspecs = [getattr(item, "callspec", None) for item in request.session.items]
    wanted = [spec.params["row"] for spec in callspecs if spec and "row" in spec.params]
    rows = [row for row in wanted if isinstance(row, Row)]
    async with playing(tmp_path_factory.mktemp("faults"), rows) as results:
        yield results


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
async def test_row(results: Results, row: Row) -> None:
    await results[row.name]


def test_every_fault_is_brought_about() -> None:
    brought_about = {row.fault for row in ROWS if row.fault}
    assert {"/".join(fault) for fault in STATUS} | {AT_THE_DOOR} == brought_about | set(ELSEWHERE)
    assert not brought_about & set(ELSEWHERE)


def test_names_are_unique() -> None:
    names = [row.name for row in ROWS]
    assert len(set(names)) == len(names)
