"""Pages: one fault is one difference, with its place; what no visitor can see is none."""

import random
import time

import pytest

from proxy.parity.config import Limits
from tests.proxy.parity.sides import found, outcome, page, pages

TABLE = "".join(
    f"<tr><td>{n}</td><td><a href='/item/{n}/'>Item {n}</a></td></tr>" for n in range(300)
)

ALIKE = [
    ("<p>a  b\n c</p>", "<p> a b c </p>"),
    ("<div> <p>a</p> <p>b</p> </div>", "<div><p>a</p><p>b</p></div>"),
    ("<p>a <b> b</b></p>", "<p>a <b>b</b></p>"),
    ("<p>a<br> b</p>", "<p>a<br>b</p>"),
    ("<p class='x y' id='i'>a</p>", "<p id=\"i\" class='y  x x'>a</p>"),
    ("<input disabled>", "<input disabled='disabled'>"),
    ("<p>a<!-- made in 3 ms --></p>", "<p>a</p>"),
    ("<p style='color: red; top:0'>a</p>", "<p style='color:red;top:0;'>a</p>"),
    ("<p>&eacute;&#39;</p>", "<p>é'</p>"),
    ("<script>\n  f();\n</script>", "<script>f();</script>"),
    ("<ul><li>a<li>b</ul>", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
]


@pytest.mark.parametrize(("control", "candidate"), ALIKE)
def test_what_a_browser_shows_alike(control: str, candidate: str) -> None:
    assert found(pages(control, candidate)) == []


DIFFERENT = [
    ("<b>a</b> <i>b</i>", "<b>a</b><i>b</i>", [("html:/html/body/text()[1]", "missing")]),
    (
        "<p>a <img src='x'> b</p>",
        "<p>a <img src='x'>b</p>",
        [("html:/html/body/p[1]/text()[2]", "differs")],
    ),
    ("<pre>a  b</pre>", "<pre>a b</pre>", [("html:/html/body/pre[1]/text()[1]", "differs")]),
    ("<a href='/a/'>a</a>", "<a href='/b/'>a</a>", [("html:/html/body/a[1]/@href", "differs")]),
    ("<p class='a b'>x</p>", "<p class='a c'>x</p>", [("html:/html/body/p[1]/@class", "differs")]),
    ("<input required>", "<input>", [("html:/html/body/input[1]/@required", "missing")]),
    (
        "<p>x</p>",
        "<div>x</div>",
        [("html:/html/body/p[1]", "missing"), ("html:/html/body/div[1]", "extra")],
    ),
    (
        "<p>a</p><p>b</p>",
        "<p>b</p><p>a</p>",
        [("html:/html/body/p[1]", "missing"), ("html:/html/body/p[2]", "extra")],
    ),
    (
        "<script>f(1)</script>",
        "<script>f(2)</script>",
        [("html:/html/body/script[1]/text()[1]", "differs")],
    ),
    ("", "<p>a</p>", [("html:/html/body/p[1]", "extra")]),
]


@pytest.mark.parametrize(("control", "candidate", "expected"), DIFFERENT)
def test_what_a_visitor_could_see(
    control: str, candidate: str, expected: list[tuple[str, str]]
) -> None:
    assert found(pages(control, candidate)) == expected


def table(rows: str) -> str:
    return (
        f"<div id='main'><table>{rows}</table></div><form id='f'><input name='q' value='1'></form>"
    )


@pytest.mark.parametrize("place", [0, 1, 150, 299])
def test_one_more_row_is_one_difference(place: int) -> None:
    mark = f"<tr><td>{place}<"
    more = TABLE.replace(mark, f"<tr><td>new</td></tr>{mark}")
    path = f"html:/html/body/div[1]/table[1]/tr[{place + 1}]"
    assert found(pages(table(TABLE), table(more))) == [(path, "extra")]
    assert found(pages(table(more), table(TABLE))) == [(path, "missing")]


def test_changes_in_some_rows_and_one_row_less_are_named_each() -> None:
    changed = (
        TABLE.replace("Item 7<", "Item seven<")
        .replace("/item/200/", "/items/200/")
        .replace("<tr><td>100</td><td><a href='/item/100/'>Item 100</a></td></tr>", "")
    )
    assert found(pages(table(TABLE), table(changed))) == [
        ("html:/html/body/div[1]/table[1]/tr[8]/td[2]/a[1]/text()[1]", "differs"),
        ("html:/html/body/div[1]/table[1]/tr[101]", "missing"),
        ("html:/html/body/div[1]/table[1]/tr[201]/td[2]/a[1]/@href", "differs"),
    ]


def test_a_changed_element_is_known_again_by_its_id_beside_new_ones() -> None:
    control = "<section id='a'><h2>A</h2></section><section id='b'><h2>B</h2></section>"
    candidate = (
        "<section id='new'><h2>N</h2></section>"
        "<section id='a'><h2>A!</h2></section><section id='b'><h2>B!</h2></section>"
    )
    assert found(pages(control, candidate)) == [
        ("html:/html/body/section[1]", "extra"),
        ("html:/html/body/section[1]/h2[1]/text()[1]", "differs"),
        ("html:/html/body/section[2]/h2[1]/text()[1]", "differs"),
    ]


def test_values_are_shown_around_what_differs() -> None:
    text = "word " * 200
    [one] = pages(f"<p>{text}north {text}</p>", f"<p>{text}south {text}</p>").differences
    assert "north" in one.control
    assert "south" in one.candidate
    assert max(len(one.control), len(one.candidate)) <= 122


def test_a_page_of_too_many_elements_is_compared_by_hash_and_that_is_said() -> None:
    result = pages("<i>a</i>" * 60, "<i>a</i>" * 60 + "<b>b</b>", limits=Limits(nodes=100))
    assert found(result) == [("body", "differs")]
    [note] = result.notes
    assert note.startswith("the page has too many elements to be compared in detail: ")


def test_a_body_above_the_limit_is_compared_by_hash_and_that_is_said() -> None:
    result = pages("a" * 900, "a" * 899 + "b", limits=Limits(body=500))
    assert found(result) == [("body", "differs")]
    assert result.notes == (
        "a body has more than 500 octets: the bodies were compared by hash only",
    )


def test_no_more_differences_than_are_worth_reading() -> None:
    result = pages("<p>a</p>" * 80, "<p>b</p>" * 80, limits=Limits(differences=10))
    assert len(result.differences) == 10
    assert result.left_out == 70


def hostile() -> list[tuple[str, str]]:
    rows = [f"<p>2026-01-0{n % 9 + 1} {n * 7919} <b>{n}</b></p>" for n in range(3000)]
    mixed = rows[:]
    random.Random(1).shuffle(mixed)
    return [
        ("".join(rows), "".join(mixed)),
        ("<div>" * 5000, "<div>" * 5000 + "x"),
        ("<b>" * 3000 + "x", "<i>" * 3000 + "x"),
        ("2026-" * 150_000, "2026-" * 150_001),
        ("a=b@" * 150_000, "a=@b" * 150_000),
        ("a" * 900_000, "a" * 900_001),
        ("<script>" + "csrf" * 200_000, "<script>" + "csrf" * 200_001),
        (f"<p id='{'0a' * 200_000}'>", f"<p id='{'0a' * 200_001}'>"),
        ("1234567890 " * 80_000, "1234567891 " * 80_000),
    ]


@pytest.mark.parametrize("number", range(9))
def test_no_page_takes_long(number: int) -> None:
    """In processor time, since others work on the machine, too."""
    control, candidate = map(page, hostile()[number])
    began = time.process_time()
    assert not outcome(control, candidate).equal
    assert time.process_time() - began < 2.5
