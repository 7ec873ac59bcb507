"""API v1 in its parts: formats, filters, paging, and what only the native side does."""

import math
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from ported_domains.downloads.api_v1 import OS, RELEASE, RELEASE_FILE
from ported_domains.shared.api.parameters import Parameters
from ported_domains.shared.api.v1.faults import BadRequestError
from ported_domains.shared.api.v1.filters import read_filter
from ported_domains.shared.api.v1.formats import Format, negotiate, negotiate_error, render
from ported_domains.shared.api.v1.paging import Page, read_page
from ported_domains.shared.api.v1.resource import Entity, Resource
from tests.ported_domains.wire import native_client

XML_TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize(
    ("query", "accept", "wanted"),
    [
        (b"", None, Format.JSON),
        (b"", "*/*", Format.JSON),
        (b"", "text/plain", Format.JSON),
        (b"", "application/xml", Format.XML),
        (b"", "text/yaml;q=0.9, application/xml;q=0.8", Format.YAML),
        (b"", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Format.XML),
        (b"format=yaml", "application/xml", Format.YAML),
        (b"format=html", "application/xml", Format.XML),
        (b"format=", None, Format.JSON),
        (b"format=jsonp", None, Format.JSON),
        (b"format=xml&format=json", None, Format.JSON),
    ],
)
def test_negotiation(query: bytes, accept: str | None, wanted: Format) -> None:
    assert negotiate(Parameters.parse_query(query), accept) is wanted


def test_accept_that_is_none() -> None:
    with pytest.raises(BadRequestError, match=r"^Invalid Accept header$"):
        negotiate(Parameters.parse_query(b""), "garbage")
    assert negotiate_error(Parameters.parse_query(b""), "garbage") is Format.JSON
    assert negotiate_error(Parameters.parse_query(b"format=xml"), "garbage") is Format.XML
    assert negotiate_error(Parameters.parse_query(b"format=xml&callback=f"), None) is Format.JSON


@given(text=XML_TEXT)
def test_xml_escapes_as_lxml_does(text: str) -> None:
    element = etree.Element("error")
    try:
        element.text = text
    except ValueError:
        return  # the legacy side fails on it; the next test is about this
    assert etree.tostring(element, encoding="utf-8") in render({"error": text}, Format.XML)


@given(text=XML_TEXT)
def test_xml_can_always_be_read(text: str) -> None:
    assert etree.fromstring(render({"error": text}, Format.XML)).tag == "response"


def test_xml_shapes() -> None:
    data = {
        "meta": {"limit": 1, "next": None},
        "objects": [Entity(name="a & b", ok=True, ratio=0.5)],
        "not_found": ["9"],
        "empty": [],
    }
    assert render(data, Format.XML) == (
        b"<?xml version='1.0' encoding='utf-8'?>\n"
        b'<response><empty type="list"/>'
        b'<meta type="hash"><limit type="integer">1</limit><next type="null"/></meta>'
        b'<not_found type="list"><value>9</value></not_found>'
        b'<objects type="list"><object><name>a &amp; b</name><ok type="boolean">True</ok>'
        b'<ratio type="float">0.5</ratio></object></objects></response>'
    )


@given(
    data=st.dictionaries(
        st.text(max_size=5), st.none() | st.booleans() | st.integers() | st.text(), max_size=4
    )
)
def test_yaml_is_what_the_library_writes_of_plain_mappings(data: dict[str, Any]) -> None:
    assert render(Entity(data), Format.YAML) == yaml.dump(data).encode()


def test_json_is_sorted_and_spaced() -> None:
    assert render({"b": 1, "a": ["é", None]}, Format.JSON) == '{"a": ["é", null], "b": 1}'.encode()


@pytest.mark.parametrize(
    ("resource", "parameter", "key"),
    [
        (OS, "name", "name__exact"),
        (OS, "name__exact", "name__exact"),
        (RELEASE, "version__startswith", "version__startswith"),
        (RELEASE_FILE, "os__in", "os__in"),
        (RELEASE_FILE, "release__version", "release__version__exact"),
        (RELEASE_FILE, "release__version__exact", "release__version__exact"),
    ],
)
def test_parameters_that_filter(resource: Resource, parameter: str, key: str) -> None:
    found = read_filter(resource, parameter)
    assert found is not None
    assert found.key == key


@pytest.mark.parametrize("parameter", ["bogus", "id", "creator", "limit", "format", "", "__", "_"])
def test_parameters_that_do_not_filter(parameter: str) -> None:
    assert read_filter(RELEASE, parameter) is None


@pytest.mark.parametrize(
    ("resource", "parameter", "text"),
    [
        (RELEASE, "show_on_download_page", "The 'show_on_download_page' field does not allow"),
        (RELEASE_FILE, "os__id", "The 'id' field does not allow filtering."),
        (RELEASE, "name__gt", "'gt' is not an allowed filter on the 'name' field."),
        (RELEASE, "release_date", "'exact' is not an allowed filter on the 'release_date' field."),
        (RELEASE, "release_date__gte", "'gte' is not an allowed filter on the 'release_date'"),
        (OS, "resource_uri", "The 'resource_uri' field is not a valid field name"),
        (OS, "name__x", "The 'name' field does not support relations."),
        (
            RELEASE_FILE,
            "release__version__startswith",
            "The 'version' field does not support relations.",
        ),
    ],
)
def test_parameters_that_are_refused(resource: Resource, parameter: str, text: str) -> None:
    with pytest.raises(BadRequestError) as refused:
        read_filter(resource, parameter)
    assert str(refused.value).startswith(text)


@pytest.mark.parametrize(
    ("query", "page"),
    [
        (b"", Page(20, 0)),
        (b"limit=0", Page(1000, 0)),
        (b"limit=1001&offset=5", Page(1000, 5)),
        (b"limit=7", Page(7, 0)),
        (f"offset={10**30}".encode(), Page(20, 10**30)),
    ],
)
def test_pages(query: bytes, page: Page) -> None:
    assert read_page(Parameters.parse_query(query)) == page
    assert page.database_offset < math.pow(2, 63)


def test_meta_keeps_the_other_parameters_first() -> None:
    parameters = Parameters.parse_query(b"limit=2&b=1&a=x+y&offset=2&b=2")
    assert Page(2, 2).meta("/u/", parameters, 5) == {
        "limit": 2,
        "next": "/u/?b=1&b=2&a=x+y&limit=2&offset=4",
        "offset": 2,
        "previous": "/u/?b=1&b=2&a=x+y&limit=2&offset=0",
        "total_count": 5,
    }


MISMATCHED = {"error": "Invalid resource lookup data provided (mismatched type)."}


@pytest.mark.parametrize(
    "query",
    ["os__in=true", "os__in=none", "os__isnull=1", "name=%00", "description__contains=%00"],
)
async def test_values_that_no_lookup_reads_are_400(native_database_url: str, query: str) -> None:
    """The legacy side fails on these with 500."""
    async with native_client(native_database_url) as client:
        answer = await client.get(f"/api/v1/downloads/release_file/?{query}")
        assert (answer.status_code, answer.json()) == (400, MISMATCHED)


async def test_offset_beyond_what_the_database_counts(native_database_url: str) -> None:
    """The legacy side fails on it with 500."""
    async with native_client(native_database_url) as client:
        answer = await client.get(f"/api/v1/downloads/os/?offset={10**30}")
        assert answer.status_code == 200
        assert answer.json()["objects"] == []
        assert answer.json()["meta"]["total_count"] == 5


async def test_too_many_parameters(native_database_url: str) -> None:
    async with native_client(native_database_url) as client:
        for api in ("v1", "v2"):
            answer = await client.get(f"/api/{api}/downloads/os/?" + "&".join(["a"] * 1001))
            assert answer.status_code == 400
