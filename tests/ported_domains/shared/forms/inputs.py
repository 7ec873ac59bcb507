"""What hypothesis types into forms: near what is asked for, and far from it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from ported_domains.shared.forms.temporal_fields import (
    DATE_FORMATS,
    DATETIME_FORMATS,
    TIME_FORMATS,
)
from tests.ported_domains.shared.forms.declared import FORMS

prefixes = st.sampled_from(["", "second", 'a"<b'])
LOOKS = {"required_css_class": 'must "be"', "use_required_attribute": False, "label_suffix": " >"}
looks = st.dictionaries(st.sampled_from(sorted(LOOKS)), st.none()).map(
    lambda chosen: {name: LOOKS[name] for name in chosen}
)
UNTOUCHED: Mapping[str, Any] = {"initial": {}, "prefix": "", "added": [], "look": {}}

anything = st.one_of(
    st.text(st.characters(), max_size=12),  # lone surrogates and NUL included
    st.text(" \t\n\r\0\u00a0\u3000ab", max_size=6),
    st.integers(0, 400).map("x".__mul__),
    st.sampled_from(["", "nl", "dk", "3", "s", "r", "1", "x", "None", "true", "False", "0", "on"]),
)


@st.composite
def submitted(draw: st.DrawFn, name: str, values: st.SearchStrategy[str]) -> dict[str, Any]:
    """Arguments for one form: bound or not, some fields missing, some with several values."""
    fields = sorted(FORMS[name])
    prefix = draw(prefixes)
    names = [f"{prefix}-{field}" if prefix else field for field in fields]
    several = st.lists(values, max_size=3)
    pairs = None
    if draw(st.integers(0, 9)):
        pairs = [[field, value] for field in names for value in draw(several)]
    about = st.sampled_from([None, *fields])
    return {
        "name": name,
        "pairs": pairs,
        "initial": draw(st.dictionaries(st.sampled_from([*fields, "other"]), values, max_size=3)),
        "prefix": prefix,
        "look": draw(looks),
        "added": [list(one) for one in draw(st.lists(st.tuples(about, values), max_size=3))],
    }


labels = st.one_of(
    st.text("abz09-é", min_size=1, max_size=4),
    st.integers(60, 65).map("a".__mul__),
    st.sampled_from(["xn--1\u017f", "localhost", "EXAMPLE", "co", "-", "1", "\u017fK", "\u00a0"]),
)
octets = st.sampled_from(["0", "1", "01", "199", "249", "255", "256", ""])
literals = st.one_of(
    st.sampled_from(["::1", "::ffff:1.2.3.4", "1.2.3.4", "g::", "v1.a", "1:2:3:4:5:6:7:8", ":"]),
    st.sampled_from(["::1]", "\u0661.2.3.4", "0000:0000:0000:0000:0000:ffff:192.168.100.228"]),
    st.ip_addresses().map(str),
)
hosts = st.one_of(
    st.lists(labels, min_size=1, max_size=4).map(".".join),
    st.lists(octets, min_size=3, max_size=5).map(".".join),
    literals.map("[{}]".format),
    st.integers(50, 70).map(lambda count: "abc." * count + "de"),
    st.sampled_from(["localhost", "LOCALHOST", "[::1", "\U00010400.de"]),
)
local_parts = st.one_of(
    st.text("ab.+'!#\"\\ @é\x01", max_size=6),
    st.text('a\\" \x00\x0b\x7f.', max_size=4).map('"{}"'.format),
    st.sampled_from(["a", "first.last", "a..b", ".a", "", "\u0130", "\u017f", "x" * 315]),
)
emails = st.builds("{}@{}{}".format, local_parts, hosts, st.sampled_from(["", "", ".", "\n", " "]))
urls = st.builds(
    "{}{}{}{}{}".format,
    st.sampled_from(["http://", "HTTPS://", "ftp://", "", "//", "http:", "mailto:"])
    | st.sampled_from(["x.y:", "\u017f:", "1a://", "http:///", ":"]),
    st.sampled_from(["", "", "user@", "u:p@", "u:@", "@", "a?b@", "u p@", "u@v@"]),
    hosts,
    st.sampled_from(["", "", ":80", ":", ":123456", ":x", "."]),
    st.sampled_from(["", "/", "/a b", "?q=é", "#x", "/\n", "/" + "y" * 2030, "/[", "a", "\u2100/"]),
)
addresses = emails | urls | urls.map(" {}\t".format) | anything

numbers = st.one_of(
    st.integers(-20, 20).map(str),
    st.integers(-(10**12), 10**12).map(str),
    st.decimals().map(str),
    st.text("0123456789.-+eE_ \u0663\n", max_size=7),
    st.sampled_from(["1.0", "1.", "1.00\n", "1.0 \n\n", ".0", "1e400", "1E-9", "0e5", "9" * 5000]),
    anything,
)

FORMATS = (
    *(*DATETIME_FORMATS, *DATE_FORMATS, *TIME_FORMATS),
    *("%d.%m.%Y", "%Y-%m-%dT%H:%M:%S%z", "%Y%m%dT%H%M%SZ"),
)
moments = st.one_of(
    st.builds(
        datetime.strftime,
        st.datetimes(datetime(1000, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - as it asks
        st.sampled_from(FORMATS),
    ),
    st.builds(
        "{}-{}-{}{}{}:{}{}{}".format,
        st.sampled_from(["2024", "0001", "9999", "\u0662024", "24"]),
        st.sampled_from(["1", "02", "13", "0"]),
        st.sampled_from(["1", "29", "31", "0", "123"]),
        st.sampled_from(["T", " ", "t", ""]),
        st.sampled_from(["1", "23", "24"]),
        st.sampled_from(["0", "59", "60"]),
        st.sampled_from(["", ":5", ":59.5", ":1,123456789", ":60", ":1."]),
        st.sampled_from(["", "Z", " +01", "+0130", "-01:30", "+01:", "+24:00", "-23:59", "  Z"]),
    ),
    st.sampled_from(["Feb 29 2023", "december 1, 2025", "12/31/68", "12/31/69", "2024-W01-1"]),
    st.sampled_from(["", "1", "2", "31", "2025", "x", "0-0-0", "9" * 20]),
    anything,
)


@st.composite
def with_lists(draw: st.DrawFn) -> dict[str, Any]:
    """The form of moments; of the three lists of a day each may be missing."""
    told = draw(submitted("moments", moments))
    parts = draw(st.dictionaries(st.sampled_from(["year", "month", "day"]), moments))
    lead = f"{told['prefix']}-" if told["prefix"] else ""
    pairs = [[f"{lead}day_lists_{part}", value] for part, value in parts.items()]
    return {**told, "pairs": None if told["pairs"] is None else told["pairs"] + pairs}


BOUNDARY = "----a boundary'=1"


def part(name: str, content: str, headers: str = "", filename: str | None = None) -> str:
    """One part of a multipart body, octets as Latin-1."""
    file = "" if filename is None else f'; filename="{filename}"'
    return (
        f"--{BOUNDARY}\r\n"
        f'Content-Disposition: form-data; name="{name}"{file}\r\n{headers}\r\n{content}\r\n'
    )


@st.composite
def parts(draw: st.DrawFn) -> str:
    kind = "Content-Type: text/plain; charset=latin-1\r\n"
    base64 = "content-transfer-encoding: base64\r\n"
    filename = draw(st.sampled_from([None, None, "", "a.txt", "\xc3\xa9.png", "..", "C:\\x\\y"]))
    headers = ["", kind, "X-Other: \xff\r\n"] if filename else ["", kind, base64, kind + base64]
    return part(
        draw(st.text(max_size=5).map(as_latin) | octet_text),
        draw(st.text(max_size=20).map(as_latin) | octet_text | st.sampled_from(["YWI=", "YW", ""])),
        draw(st.sampled_from(headers)),
        filename,
    )


octet_text = st.binary(max_size=20).map(lambda octets: octets.decode("latin-1"))


def as_latin(text: str) -> str:
    return text.encode().decode("latin-1")
