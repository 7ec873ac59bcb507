"""How a request's target is read, beside Django's own functions."""

import pytest
from django.http import HttpRequest
from django.utils.encoding import repercent_broken_unicode
from django.utils.http import escape_leading_slashes
from hypothesis import given
from hypothesis import strategies as st

from ported_domains.shared.visit import Visit, decode_path


@given(st.binary(max_size=40))
def test_decodes_a_path_as_django_does(octets: bytes) -> None:
    raw = b"/" + octets.replace(b"%", b"%25")
    assert decode_path(raw) == repercent_broken_unicode(b"/" + octets).decode()


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b"/downloads/%66eed.rss", "/downloads/feed.rss"),
        (b"/caf%C3%A9/", "/café/"),
        (b"/a%2Fb/", "/a/b/"),
        (b"/%FF/", "/%FF/"),
        (b"/%C3/%e9", "/%C3/%E9"),
        (b"/100%", "/100%"),
        (b"/%zz/+", "/%zz/+"),
    ],
)
def test_decodes_a_path(raw: bytes, path: str) -> None:
    assert decode_path(raw) == path


@given(st.text(max_size=20), st.binary(max_size=20))
def test_adds_a_slash_as_django_does(path: str, query: bytes) -> None:
    path = f"/{path}".rstrip("/") or "/x"
    request = HttpRequest.__new__(HttpRequest)  # its __init__ would ask for settings
    request.path, request.META = path, {"QUERY_STRING": query.decode("latin-1")}
    expected = escape_leading_slashes(request.get_full_path(force_append_slash=True))
    visit = Visit(path=path, query=query, method="GET", scheme="http", host="example.org")
    assert visit.location_with_slash() == expected
