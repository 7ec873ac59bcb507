"""API v2 in its parts: negotiation, moments, and answers that the bundled site does not give."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.utils.dateparse import parse_datetime
from hypothesis import given
from hypothesis import strategies as st

from ported_domains.shared.api.v2.faults import FaultError
from ported_domains.shared.api.v2.moments import parse_moment
from ported_domains.shared.api.v2.negotiation import negotiate, render
from tests.ported_domains.wire import native_client


@pytest.mark.parametrize(
    ("suffix", "wanted", "accept", "indent"),
    [
        (None, None, None, None),
        ("json", None, "*/*", None),
        (None, "json", "application/*", None),
        (None, "", "*/*", None),
        (None, None, "text/html, application/json;q=0", None),
        (None, None, "application/json; indent=4", 4),
        (None, None, "application/json; indent=99", 8),
        (None, None, "application/json; indent=-1", None),
        (None, None, "*/*, application/json; indent=2", 2),
    ],
)
def test_negotiation(
    suffix: str | None, wanted: str | None, accept: str | None, indent: int | None
) -> None:
    assert negotiate(suffix, wanted, accept) == indent


@pytest.mark.parametrize(
    ("suffix", "wanted", "accept", "status", "text"),
    [
        ("xml", None, None, 404, "Not found."),
        (None, "xml", None, 404, "Not found."),
        ("xml", "json", None, 404, "Not found."),
        (None, None, "text/html", 406, "Could not satisfy the request Accept header."),
        ("json", None, "text/html", 406, "Could not satisfy the request Accept header."),
    ],
)
def test_negotiation_that_fails(
    suffix: str | None, wanted: str | None, accept: str | None, status: int, text: str
) -> None:
    with pytest.raises(FaultError) as refused:
        negotiate(suffix, wanted, accept)
    assert (refused.value.status, refused.value.data) == (status, {"detail": text})


def test_json_is_compact_and_safe_in_scripts() -> None:
    assert (
        render([{"a": "é\u2028\u2029", "b": None}]) == '[{"a":"é\\u2028\\u2029","b":null}]'.encode()
    )
    moment = datetime(2025, 5, 20, 1, 2, 3, 500, tzinfo=UTC)
    assert render(moment) == b'"2025-05-20T01:02:03.000500Z"'
    assert render({"at": moment}, 1) == b'{\n "at": "2025-05-20T01:02:03.000500Z"\n}'


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2013-05-15", datetime(2013, 5, 15)),  # noqa: DTZ001
        ("2013-5-1 9:30", datetime(2013, 5, 1, 9, 30)),  # noqa: DTZ001
        ("2013-05-15T00:00:00Z", datetime(2013, 5, 15, tzinfo=UTC)),
        ("2013-5-15T00:00 +02", datetime(2013, 5, 15, tzinfo=timezone(timedelta(hours=2)))),
        ("2013-5-15T0:0-0230", datetime(2013, 5, 15, tzinfo=timezone(-timedelta(minutes=150)))),
        ("2013-5-15 0:0:1,25", datetime(2013, 5, 15, 0, 0, 1, 250_000)),  # noqa: DTZ001
        ("2013-5-32 0:0", None),
        ("05/15/2013", None),
        ("", None),
    ],
)
def test_moments(text: str, moment: datetime | None) -> None:
    assert parse_moment(text) == moment


@given(
    text=st.from_regex(
        r"\d{4}-\d\d?-\d\d?[T ]\d\d?:\d\d?(:\d\d?([.,]\d{1,7})?)? ?(Z|[+-]\d\d(:?\d\d)?)?",
        fullmatch=True,
    )
)
def test_moments_are_read_as_django_reads_them(text: str) -> None:
    try:
        wanted = parse_datetime(text)
    except ValueError:
        wanted = None
    assert parse_moment(text) == wanted


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ("it%27s=1", {"error": ["'exact' is not an allowed filter on the \"it's\" field."]}),
        (
            "x=1&y__z__lt=2",
            {
                "error": [
                    "'exact' is not an allowed filter on the 'x' field.",
                    "'lt' is not an allowed filter on the 'y__z' field.",
                ]
            },
        ),
        # What is wrong with a value is told before what is unknown.
        (
            "bogus=1&os=9999",
            {"os": ["Select a valid choice. That choice is not one of the available choices."]},
        ),
    ],
)
async def test_unknown_parameters_of_strict_resources(
    native_database_url: str, query: str, errors: dict[str, list[str]]
) -> None:
    async with native_client(native_database_url) as client:
        answer = await client.get(f"/api/v2/downloads/release_file/?{query}")
        assert (answer.status_code, answer.json()) == (400, errors)


async def test_links_name_the_site_as_the_request_did(native_database_url: str) -> None:
    async with native_client(native_database_url) as client:
        for path, link in (
            ("os/1/", "http://a.example/api/v2/downloads/os/1/"),
            ("os/1.json", "http://a.example/api/v2/downloads/os/1.json"),
            ("os/1/?format=json", "http://a.example/api/v2/downloads/os/1/?format=json"),
        ):
            answer = await client.get(f"/api/v2/downloads/{path}", headers={"host": "a.example"})
            assert answer.json()["resource_uri"] == link
