"""Automata of URL patterns accept what `re` accepts, and their territory what rules cover."""

import re
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.routing.automaton import Automaton, Piece, automaton_of
from proxy.routing.placement import nearest_rule, regex_piece
from proxy.routing.rules import Rule
from proxy.routing.territory import Territory

REGEXES = (
    "^$",
    "^a/b$",
    r"^(?P<y>[0-9]{4})(?:-(?P<m>\d\d))?/$",
    "^a{2,3}b*c+/?$",
    "^(?:a|bc|)x$",
    "^[^/]+/$",
    "^[a-cx]+[^a-z]$",
    r"^\w+\.\W$",
    "^(?i:ab)c$",
    "(?i)^ab$",
    "^a(?:/|$)",
    "^a",
    "b/$",
    "^.+$",
    "^a{0,50}b$",
    "^(?>a|b)c$",
)
"""Without those that an automaton can only say more of."""


def accepts(automaton: Automaton, text: str) -> bool:
    states = set(automaton.closure(Automaton.START))
    for character in text:
        states = {
            reached
            for state in states
            for characters, after in automaton.steps[state]
            if characters.holds(character)
            for reached in automaton.closure(after)
        }
    return Automaton.END in states


def of(regex: str) -> Automaton:
    return automaton_of([Piece(literals=["/"]), regex_piece(regex, is_last=True)])


@pytest.mark.parametrize("regex", REGEXES)
@settings(deadline=None)
@given(data=st.data())
def test_what_the_regex_finds(regex: str, data: st.DataObject) -> None:
    text = data.draw(
        st.text("abcxABC019-/.! ", max_size=8) | st.from_regex(regex).map(lambda t: t.rstrip("\n"))
    )
    whole = re.fullmatch if regex.endswith("$") else re.search
    if "\n" not in text:
        assert accepts(of(regex), f"/{text}") is (whole(regex, text) is not None)


@pytest.mark.parametrize(
    "regex", [r"^(\w)\1$", "^(a)?(?(1)a|y)$", "^(?!no)[a-z]+$", r"^a\b/$", "^(?<=x)a$", "^(?P<a"]
)
def test_what_is_no_regular_language_is_taken_for_more(regex: str) -> None:
    for text in ("aa", "yes", "a/", "a", ""):
        try:
            found = re.fullmatch(regex, text)
        except re.error:
            found = None
        if found:
            assert accepts(of(regex), f"/{text}")


@pytest.mark.parametrize(
    ("regex", "rule"),
    [
        ("^$", "/"),
        ("^a/b/$", "/a/b/"),
        ("^a/b/?$", "/a/b/**"),
        ("^a/b", "/a/**"),
        ("^a", "/**"),
        ("^a/b/(?P<n>[0-9]+)/$", "/a/b/**"),
        (r"^a/b\.(?P<n>[0-9]+)$", "/a/**"),
        ("^(?P<v>v1)/a/$", "/v1/a/"),
        ("^(?:a|b)/$", "/**"),
        ("^café/$", "/caf%C3%A9/"),
        (r"^a b/x$", "/a%20b/x"),
        (r"^a/b\*/x$", "/a/**"),
        ("^a//b/$", "/a/**"),
        (r"^a/\.\./b$", "/a/**"),
        (".*", "/**"),
    ],
)
def test_the_nearest_rule(regex: str, rule: str) -> None:
    assert nearest_rule(of(regex)) == rule


RULES = ("/**", "/a/**", "/a/b/**", "/a/b", "/a/b/c", "/%C3%A9/**", "/x/")
PATHS = st.lists(st.sampled_from(["a", "b", "c", "ab", "x", "é", ""]), max_size=4).map(
    lambda segments: "/" + "/".join(segments)
)


@settings(deadline=None)
@given(st.sets(st.sampled_from(RULES)).map(sorted), st.lists(PATHS, min_size=1, max_size=6))
def test_every_part_of_the_territory_is_found(paths: list[str], texts: list[str]) -> None:
    """A pattern of some paths reaches just the parts that these paths lie in, and each path that
    is told lies in its own part."""
    rules = [Rule("d", path) for path in paths]
    pattern = automaton_of([Piece(literals=texts)])
    found = list(Territory(rules).reached(pattern))

    def takers(path: str) -> frozenset[str]:
        raw = path.encode("ascii")
        return frozenset(rule.path for rule in rules if rule.covers(raw))

    told = {unquote(each.path) for each in found}
    assert told <= set(texts)
    quoted = {text: each.path for each in found for text in [unquote(each.path)]}
    assert {takers(quoted[text]) for text in told} == {
        takers(text.replace("é", "%C3%A9")) for text in texts
    }


def test_two_patterns_meet_in_one_part_or_not() -> None:
    territory = Territory([Rule("d", "/news/**"), Rule("e", "/news/latest/")])
    slug, latest = of("^news/(?P<slug>[-a-z]+)/$"), of("^news/latest/$")
    (found,) = territory.reached(slug, latest)
    assert found.path == "/news/latest/"
    elsewhere = next(each for each in territory.reached(slug) if each.area != found.area)
    assert list(territory.reached(slug, latest, area=elsewhere.area)) == []
    assert list(territory.reached(slug, of("^news/[0-9]+/$"))) == []
