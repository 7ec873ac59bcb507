import logging

import pytest

from ported_domains.boxes.content import box
from tests.ported_domains.tag_sessions import session_of


def test_a_missing_box_is_logged(whole_dataset_url: str, caplog: pytest.LogCaptureFixture) -> None:
    with session_of(whole_dataset_url) as session, caplog.at_level(logging.WARNING):
        assert box(session, "supernav-python-about")
        assert caplog.records == []
        assert box(session, "Supernav-python-about") is None
    assert [record.getMessage() for record in caplog.records] == [
        "box 'Supernav-python-about' is missing, nothing is shown in its place"
    ]
