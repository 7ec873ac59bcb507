"""Imports without the collector: it comes back, and leaves alone what they have made."""

import gc

import pytest

from proxy.starting import uncollected


def test_the_collector_is_away_meanwhile() -> None:
    kept = gc.get_freeze_count()
    with uncollected():
        assert not gc.isenabled()
        made = [[number] for number in range(1000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() >= kept + len(made)


def test_it_comes_back_after_an_import_that_fails() -> None:
    with pytest.raises(ImportError), uncollected():
        raise ImportError("no such module")
    assert gc.isenabled()
