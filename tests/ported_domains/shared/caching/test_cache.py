"""What is found, kept and forgotten, by a clock of the test's own."""

from collections import Counter

import pytest

from ported_domains.shared.caching.cache import SILENCE_SECONDS, AnswerCache
from ported_domains.shared.caching.kept import Kept, Key
from ported_domains.shared.caching.shelf import VARIANTS

MEGABYTE = 1 << 20


class Time:
    """Seconds, as the test has them."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def counts() -> Counter[str]:
    return Counter()


@pytest.fixture
def cache(time: Time, counts: Counter[str]) -> AnswerCache:
    """One that has just heard a pulse."""

    def count(what: str, times: int) -> None:
        counts[what] += times

    made = AnswerCache(MEGABYTE, count, time)
    made.pulse()
    return made


def key(path: str, query: bytes = b"", host: str = "site") -> Key:
    return Key("http", host, path, query)


def page(*tables: str, body: bytes = b"page", status: int = 200, until: float = 1e9) -> Kept:
    return Kept(status, (), body, frozenset(tables), until)


def test_what_was_kept_is_found_until_one_of_its_tables_changes(
    cache: AnswerCache, counts: Counter[str]
) -> None:
    books, both = page("books"), page("books", "sales")
    assert cache.keep(key("/books"), books, cache.now)
    assert cache.keep(key("/both"), both, cache.now)
    assert (cache.find(key("/books")), cache.find(key("/both"))) == (books, both)
    cache.changed({"sales", "notes"})
    assert (cache.find(key("/books")), cache.find(key("/both"))) == (books, None)
    cache.changed({"books"})
    assert (cache.find(key("/books")), len(cache), cache.octets) == (None, 0, 0)
    assert counts == {"kept": 2, "invalidated": 2}


def test_nothing_is_kept_that_was_made_before_its_tables_changed(cache: AnswerCache) -> None:
    began = cache.now
    cache.changed({"sales"})
    assert cache.keep(key("/books"), page("books"), began)
    assert not cache.keep(key("/sales"), page("books", "sales"), began)
    assert not cache.stands({"sales"}, began)
    cache.changed(None)
    assert not cache.keep(key("/books"), page("books"), began)
    assert cache.keep(key("/books"), page("books"), cache.now)


def test_without_a_pulse_nothing_is_found_or_kept(cache: AnswerCache, time: Time) -> None:
    began = cache.now
    cache.keep(key("/"), page("books"), began)
    time.now += SILENCE_SECONDS - 0.01
    assert cache.find(key("/")) is not None
    time.now += 0.01
    assert (cache.trusted, cache.find(key("/"))) == (False, None)
    assert not cache.keep(key("/other"), page("books"), cache.now)
    cache.pulse()
    assert cache.trusted
    assert cache.find(key("/")) is None  # it was kept while nothing was heard
    assert not cache.keep(key("/"), page("books"), began)  # nor is what was begun before


def test_deaf_it_forgets_at_once(cache: AnswerCache) -> None:
    began = cache.now
    cache.keep(key("/"), page("books"), began)
    cache.deaf()
    assert (cache.trusted, len(cache)) == (False, 0)
    cache.pulse()
    assert not cache.keep(key("/"), page("books"), began)


def test_a_change_is_no_pulse(cache: AnswerCache, time: Time) -> None:
    time.now += SILENCE_SECONDS
    cache.changed({"books"})
    assert not cache.trusted


def test_what_is_good_for_a_time_only(cache: AnswerCache, time: Time) -> None:
    cache.keep(key("/"), page("books", until=time.now + 1), cache.now)
    time.now += 0.99
    assert cache.find(key("/")) is not None
    time.now += 0.01
    assert (cache.find(key("/")), len(cache)) == (None, 0)


def test_what_was_asked_for_longest_ago_goes_first(
    cache: AnswerCache, counts: Counter[str]
) -> None:
    large = bytes(60_000)
    for number in range(12):
        assert cache.keep(key(f"/{number}"), page("books", body=large), cache.now)
    assert len(cache) == 12
    assert cache.find(key("/0")) is not None
    assert cache.keep(key("/12"), page("books", body=large), cache.now)
    assert [n for n in range(13) if cache.find(key(f"/{n}")) is None] == [1]
    assert counts["evicted"] == 1
    assert cache.octets <= MEGABYTE
    cache.changed({"books"})
    assert (len(cache), cache.octets) == (0, 0)


def test_one_that_would_drive_out_too_many_is_not_kept(cache: AnswerCache) -> None:
    assert not cache.keep(key("/"), page("books", body=bytes(MEGABYTE // 16)), cache.now)
    assert len(cache) == 0


@pytest.mark.parametrize("status", [301, 302, 404])
def test_a_stranger_cannot_drive_out_pages_with_paths(cache: AnswerCache, status: int) -> None:
    cache.keep(key("/page"), page("books", body=bytes(50_000)), cache.now)
    for number in range(2000):
        cache.keep(key(f"/latest/{number}"), page("books", status=status), cache.now)
    assert cache.find(key("/page")) is not None
    assert cache.octets < MEGABYTE // 2


def test_a_stranger_cannot_drive_out_pages_with_queries(cache: AnswerCache) -> None:
    cache.keep(key("/page"), page("books"), cache.now)
    for number in range(100):
        cache.keep(key("/page", b"q=%d" % number), page("books"), cache.now)
    assert cache.find(key("/page")) is not None
    found = [n for n in range(100) if cache.find(key("/page", b"q=%d" % n))]
    assert found == list(range(100 - VARIANTS, 100))


def test_hosts_are_as_many_as_variants(cache: AnswerCache) -> None:
    for number in range(100):
        cache.keep(key("/page", host=f"h{number}"), page("books"), cache.now)
    assert len(cache) == VARIANTS


def test_a_later_answer_takes_the_place_of_the_earlier(cache: AnswerCache) -> None:
    cache.keep(key("/page"), page("books", "sales", status=404), cache.now)
    cache.keep(key("/page"), page("books"), cache.now)
    cache.changed({"sales"})
    assert cache.find(key("/page")) == page("books")
    assert len(cache) == 1
