"""Whatever a test does to the server: none of its connections' owners may fail."""

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def nothing_failed(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    of_test = caplog.get_records("call")
    told = [record for record in of_test if record.name.startswith("proxy.net")]
    assert [record.getMessage() for record in told] == []
