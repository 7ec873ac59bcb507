"""What many comparisons add up to, across workers and through JSON; and how it looks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from proxy.parity.answer import Question
from proxy.parity.compare import Outcome
from proxy.parity.finding import Difference, Kind
from proxy.parity.page import apart, page
from proxy.parity.paths import generalised
from proxy.parity.tally import EXAMPLES, Parity, PathTally
from tests.proxy.parity.sides import AT, QUICK

PATHS = st.sampled_from(["status", "header:vary", "json:/a/1", "json:/a/2", "html:/html/p[3]"])
DIFFERENCES = st.builds(Difference, PATHS, st.sampled_from(Kind), st.just("1"), st.just("2"))
OUTCOMES = st.builds(
    Outcome,
    st.lists(DIFFERENCES, max_size=3, unique=True).map(tuple),
    st.frozensets(st.sampled_from(["now", "csrf-token"])),
)
Events = list[tuple[str, int, Outcome | None]]
EVENTS = st.lists(
    st.tuples(st.sampled_from("ab"), st.integers(0, 50), OUTCOMES | st.none()), max_size=8
)


def told(events: Events) -> Parity:
    parity = Parity()
    for route, when, outcome in events:
        question = Question("GET", f"/{route}/?token=secret", "h", float(when))
        if outcome is None:
            parity.leave("d", f"/{route}/**")
        else:
            parity.record("d", f"/{route}/**", question, outcome)
    return parity


@QUICK
@given(st.tuples(EVENTS, EVENTS, EVENTS))
def test_parts_add_up_to_the_whole_in_any_order(parts: tuple[Events, Events, Events]) -> None:
    whole = told([event for part in parts for event in part])
    for order in (parts, parts[::-1], (parts[1], parts[2], parts[0])):
        merged = Parity()
        for part in order:
            merged.merge(told(part))
        assert merged.totals() == whole.totals()
        assert paths_of(merged) == paths_of(whole)


def paths_of(parity: Parity) -> dict[tuple[str, str], dict[str, PathTally]]:
    return {key: tally.paths for key, tally in parity.routes.items()}


@QUICK
@given(EVENTS)
def test_json_and_back(events: Events) -> None:
    parity = told(events)
    assert Parity.from_json(parity.to_json()).to_json() == parity.to_json()


@pytest.mark.parametrize("text", ["", "{}", '[{"domain": 1}]', '[{"route": "/"}]'])
def test_what_is_no_tally_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="this is no saved parity"):
        Parity.from_json(text)


def differing(number: int = 1, path: str = "json:/a/{}") -> Parity:
    parity = Parity()
    for at in range(number):
        one = Difference(path.format(at), Kind.DIFFERS, "<b>north</b>", "<b>south</b>")
        parity.record("d", "/a/**", Question("GET", f"/a/{at}/", "h", AT + at), Outcome((one,)))
    return parity


def test_examples_are_few_and_the_first() -> None:
    [route] = differing(20)
    [(path, tally)] = route.paths.items()
    assert (path, tally.differing, tally.kinds) == ("json:/a/[*]", 20, {Kind.DIFFERS: 20})
    assert [one.when for one in tally.examples] == [AT + at for at in range(EXAMPLES)]


def test_targets_in_examples_are_masked() -> None:
    parity = told([("a", 1, Outcome((Difference("status", Kind.DIFFERS, "1", "2"),)))])
    assert b"secret" not in parity.to_json()


def test_noise_alone_is_equal() -> None:
    parity = differing(30)
    assert not parity.equal
    noisy = Outcome((Difference("json:/a/7", Kind.DIFFERS),))
    for _ in range(20):
        parity.repeat("d", "/a/**", noisy)
    assert parity.equal


def test_what_was_not_answered_is_not_equal() -> None:
    parity = Parity()
    parity.fail("d", "/a/**", "the legacy site did not answer in time")
    assert not parity.equal
    assert parity.totals()["failed"] == 1


@pytest.mark.parametrize(
    ("path", "general"),
    [
        ("json:/results/3/name", "json:/results/[*]/name"),
        ("json:/3", "json:/[*]"),
        ("json:/a3/v2", "json:/a3/v2"),
        ("html:/html/body/div[2]/h2[1]/@href", "html:/html/body/div[*]/h2[*]/@href"),
        ("text:line 12", "text:line [*]"),
        ("cookie:a[1]:path", "cookie:a[1]:path"),
        ("status", "status"),
    ],
)
def test_generalised(path: str, general: str) -> None:
    assert generalised(path) == general


def words(element: html.HtmlElement) -> str:
    return " ".join(" ".join(map(str, element.itertext())).split())


def test_the_page_stands_alone_and_shows_both_sides() -> None:
    text = page(differing(3), AT)
    tree = html.document_fromstring(text)
    assert not tree.cssselect("script, link, img, iframe")
    assert "url(" not in text
    assert [mark.text for mark in tree.cssselect(".legacy mark")] == ["nor"] * 3
    assert [mark.text for mark in tree.cssselect(".native mark")] == ["sou"] * 3
    assert "&lt;b&gt;" in text
    assert tree.get("lang") == "en"
    assert "Not equal. 3 requests, 0 answered alike" in words(tree)


def test_the_page_of_equal_sides() -> None:
    parity = Parity()
    parity.record("d", "/a/**", Question("GET", "/a/", "h", AT), Outcome(rules=frozenset({"now"})))
    tree = html.document_fromstring(page(parity, AT))
    assert "Equal. 1 requests, 1 answered alike" in words(tree)
    assert [code.text for code in tree.cssselect("tbody th code")] == ["/a/**", "now"]


@QUICK
@given(st.text("ab ", max_size=12), st.text("ab ", max_size=12))
def test_texts_apart_are_whole_again(one: str, other: str) -> None:
    ours, theirs = apart(one, other)
    assert ("".join(ours), "".join(theirs)) == (one, other)
    assert (ours[0], ours[2]) == (theirs[0], theirs[2])
