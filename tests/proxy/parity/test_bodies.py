"""JSON, XML, text and octets: one fault is one difference."""

import gzip
import json
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.parity.answer import Answer
from proxy.parity.compare import compare
from proxy.parity.config import Limits, ParityConfig
from proxy.parity.finding import Difference, Kind
from tests.proxy.parity.sides import QUICK, answer, asked, found, outcome

JSON = "application/json"
RESULTS = [
    {"id": n, "name": f"release {n}", "tags": ["a", "b"], "size": n * 10} for n in range(200)
]


def documents(control: Any, candidate: Any, **config: Any) -> list[tuple[str, str]]:
    sides = json.dumps(control), json.dumps(candidate, indent=1, ensure_ascii=False)
    return found(outcome(*sides, JSON, ParityConfig(**config)))


JSONS: list[tuple[Any, Any, list[tuple[str, str]]]] = [
    ({"a": 1, "b": "é"}, {"b": "é", "a": 1}, []),
    ({"a": 1}, {"a": "1"}, [("json:/a", "type")]),
    ({"a": 1}, {"a": 1.0}, [("json:/a", "type")]),
    ({"a": 1}, {"a": True}, [("json:/a", "type")]),
    ({"a": None}, {"a": ""}, [("json:/a", "type")]),
    ({"a": None}, {}, [("json:/a", "missing")]),
    ({}, {"a": None}, [("json:/a", "extra")]),
    ({"a": {"b/c~": 1}}, {"a": {"b/c~": 2}}, [("json:/a/b~1c~0", "differs")]),
    ([1, 2, 3], [1, 3, 2], [("json:/1", "missing"), ("json:/2", "extra")]),
    ([1, 2, 3], [1, 2], [("json:/2", "missing")]),
    ([], {}, [("json:/", "type")]),
    (["a", "b"], ["a", "c"], [("json:/1", "differs")]),
    (
        [{"id": 1, "x": 1}, {"id": 2, "x": 1}],
        [{"id": 2, "x": 2}, {"id": 1, "x": 1}],
        [("json:/0", "extra"), ("json:/1", "missing")],
    ),
]


@pytest.mark.parametrize(("control", "candidate", "expected"), JSONS)
def test_json(control: Any, candidate: Any, expected: list[tuple[str, str]]) -> None:
    assert documents(control, candidate) == expected


def test_one_more_object_in_a_long_list_is_one_difference() -> None:
    new = {"id": 999, "name": "new", "tags": [], "size": 0}
    more = [*RESULTS[:50], new, *RESULTS[50:]]
    assert documents({"results": RESULTS}, {"results": more}) == [("json:/results/50", "extra")]
    assert documents({"results": more}, {"results": RESULTS}) == [("json:/results/50", "missing")]


def test_a_changed_object_is_known_again_by_its_id_beside_new_ones() -> None:
    new = {"id": 999, "name": "new", "tags": [], "size": 0}
    changed = [new, *({**one, "name": "x"} if one["id"] == 3 else one for one in RESULTS)]
    assert documents(RESULTS, changed) == [("json:/0", "extra"), ("json:/3/name", "differs")]


def test_what_was_found_is_shown() -> None:
    result = outcome('{"size": 10}', '{"size": "10"}', JSON)
    assert result.differences == (Difference("json:/size", Kind.TYPE, "number 10", "string 10"),)


@pytest.mark.parametrize("text", ["[" * 200_000, '{"a": ', "nothing"])
def test_what_is_no_json_is_compared_by_hash(text: str) -> None:
    result = outcome(text, f"{text} ", JSON)
    assert found(result) == [("body", "differs")]
    assert result.notes[0].endswith("the bodies were compared by hash only")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda below: (
        st.lists(below, max_size=4) | st.dictionaries(st.text(max_size=4), below, max_size=4)
    ),
    max_leaves=12,
)


@QUICK
@given(VALUES, VALUES)
def test_documents_are_equal_exactly_where_nothing_is_found(control: Any, candidate: Any) -> None:
    """Without the rules, which may find a "now" in a text."""
    strict = ParityConfig(without=frozenset({"now", "signed-value", "csrf-token", "reset-token"}))
    same = json.dumps(control, sort_keys=True) == json.dumps(candidate, sort_keys=True)
    sides = json.dumps(control), json.dumps(candidate)
    assert outcome(*sides, JSON, strict).equal is same
    assert outcome(sides[0], sides[0] + " ", JSON, strict).equal


FEED = """<?xml version="1.0"?><rss xmlns:a="http://www.w3.org/2005/Atom"><channel>
<title>T</title><a:link href="/feed"/>{}</channel></rss>"""
ITEMS = "".join(f"<item><guid>{n}</guid><title>No. {n}</title></item>" for n in range(60))


def test_feeds() -> None:
    def compared(items: str, frame: str = FEED) -> list[tuple[str, str]]:
        return found(outcome(FEED.format(ITEMS), frame.format(items), "application/rss+xml"))

    prefixed = FEED.replace("xmlns:a", "xmlns:atom").replace("a:link", "atom:link")
    assert compared(ITEMS.replace("><", ">\n<"), prefixed) == []
    assert compared(ITEMS.replace("No. 7<", "<![CDATA[No. 7]]><")) == []
    assert compared(ITEMS.replace("No. 7<", "No. seven<")) == [
        ("xml:/rss/channel[1]/item[8]/title[1]/text()[1]", "differs")
    ]
    assert compared("<item><guid>new</guid><title>N</title></item>" + ITEMS) == [
        ("xml:/rss/channel[1]/item[1]", "extra")
    ]
    assert compared(ITEMS, FEED.replace("2005", "2006")) == [
        ("xml:/rss/channel[1]/{http://www.w3.org/2005/Atom}link[1]", "missing"),
        ("xml:/rss/channel[1]/{http://www.w3.org/2006/Atom}link[1]", "extra"),
    ]


def test_xml_reads_no_file_and_expands_nothing() -> None:
    bomb = '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY f SYSTEM "file:///etc/passwd">]><r>&f;{}</r>'
    result = outcome(bomb.format("&a;"), bomb.format("&a;b"), "text/xml")
    assert "root:" not in repr(result)
    assert not result.equal


def test_text_line_by_line() -> None:
    lines = [f"line of number {n}" for n in range(100)]
    changed = [*lines[:10], "one more", *lines[10:60], "other", *lines[61:]]
    result = outcome("\n".join(lines), "\r\n".join(changed), "text/plain")
    assert found(result) == [("text:line 11", "extra"), ("text:line 61", "differs")]


def test_octets_by_length_and_hash() -> None:
    result = outcome(b"\x89PNG1", b"\x89PNG22", "image/png")
    [one] = result.differences
    assert (one.path, one.control.partition(",")[0], one.candidate.partition(",")[0]) == (
        "body",
        "5 octets",
        "6 octets",
    )


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda b: zlib.compress(b)[2:-4]),
    ],
)
def test_content_codings_are_undone(coding: str, packed: Any) -> None:
    def sent(text: bytes) -> Answer:
        return answer(packed(text), JSON, ("Content-Encoding", coding))

    plain = answer(b'{"a": 1}', JSON)
    assert compare(asked(), plain, sent(b'{"a":1}')).equal
    assert found(compare(asked(), plain, sent(b'{"a":2}'))) == [("json:/a", "differs")]


def test_a_compressed_body_is_not_unpacked_beyond_the_limit() -> None:
    bomb = answer(gzip.compress(b"0" * 50_000_000), JSON, ("Content-Encoding", "gzip"))
    result = compare(asked(), answer(b"1", JSON), bomb, ParityConfig(limits=Limits(body=1000)))
    assert found(result) == [("body", "differs")]
    assert result.notes[0].startswith("a body has more than 1000 octets")


def test_an_unknown_coding_is_said() -> None:
    result = compare(asked(), answer(b"1", JSON), answer(b"2", JSON, ("Content-Encoding", "br")))
    assert found(result) == [("body", "differs")]
    assert result.notes[0].startswith("content coding br is not known here")


def test_a_body_that_only_one_side_has() -> None:
    assert found(outcome("<p>a</p>", "")) == [("body", "missing")]
