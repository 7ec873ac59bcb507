"""docs/faults.md says what the rows say."""

import pytest

from tests.proxy.faults.document import DOCUMENT, document
from tests.proxy.faults.rows import ROWS

pytestmark = pytest.mark.faults


def test_it_is_up_to_date() -> None:
    assert DOCUMENT.read_text() == document(ROWS), "run scripts/faults --write-docs"
