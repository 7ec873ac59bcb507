"""The same declared form, the same input: what Django's says, makes of it and prints."""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.ported_domains.shared.forms import inputs, ours
from tests.ported_domains.shared.forms.side import FormsSide

many = settings(
    max_examples=int(os.environ.get("DJANGO_VECTORS", "60")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def same(side: FormsSide, told: dict[str, Any]) -> None:
    expected = side.ask("form", **told)
    for aspect, found in ours.form(**told).items():
        assert (aspect, found) == (aspect, expected[aspect])


@many
@given(told=inputs.submitted("texts", inputs.anything))
def test_texts(django_forms: FormsSide, told: dict[str, Any]) -> None:
    same(django_forms, told)


@many
@given(told=inputs.submitted("addresses", inputs.addresses))
def test_addresses(django_forms: FormsSide, told: dict[str, Any]) -> None:
    same(django_forms, told)


@many
@given(told=inputs.submitted("choices", inputs.anything))
def test_choices(django_forms: FormsSide, told: dict[str, Any]) -> None:
    same(django_forms, told)


@many
@given(told=inputs.submitted("numbers", inputs.numbers))
def test_numbers(django_forms: FormsSide, told: dict[str, Any]) -> None:
    same(django_forms, told)


@many
@given(told=inputs.with_lists())
def test_moments(django_forms: FormsSide, told: dict[str, Any]) -> None:
    same(django_forms, told)


@many
@given(told=inputs.submitted("hidden_only", inputs.anything))
def test_only_hidden_fields(django_forms: FormsSide, told: dict[str, Any]) -> None:
    same(django_forms, told)


@pytest.mark.parametrize("added", [[], [[None, "Nothing & nobody"]]])
def test_no_field_at_all(django_forms: FormsSide, added: list[list[Any]]) -> None:
    same(django_forms, {**inputs.UNTOUCHED, "name": "empty", "pairs": [], "added": added})


@pytest.mark.parametrize(
    ("form", "field", "accepted"),
    [
        ("addresses", "email", "first.last+tag@example.co.uk"),
        ("addresses", "email", '"a+b@c"@example.org'),
        ("addresses", "email", "me@[127.0.0.1]"),
        ("addresses", "email", "me@[::1]"),
        ("addresses", "email", "me@b\u00fccher.example"),
        ("addresses", "url", "http://[::1]:8000/a?b#c"),
        ("addresses", "url", "http://user:pw@[::1]/"),
        ("addresses", "url", "example.org/path"),
        ("addresses", "url", "ftps://b\u00fccher.example./"),
        ("addresses", "url", "http://192.168.0.1"),
        ("texts", "slug", "a-B_9"),
        ("numbers", "whole", " 12.00 "),
        ("numbers", "price", "123.45"),
        ("numbers", "tiny", "1e-9"),
        ("numbers", "exact", "1E+3"),
        ("moments", "day", "Oct 7, 2025"),
        ("moments", "day", "7 October 2025"),
        ("moments", "moment", "10/07/2025 10:20"),
        ("moments", "moment", "2025-1-2 3:4:05,678 -0130"),
        ("moments", "moment", "2025-1-2T3:4 +02"),
        ("moments", "moment", "2025-1-2 3:4Z"),
        ("moments", "moment", "2025-10-07"),
        ("moments", "clock", "10:20:30.405"),
        ("moments", "own_format", "07.10.2025"),
        ("choices", "agreed", "2"),
        ("choices", "grouped", "s"),
    ],
)
def test_accepted(django_forms: FormsSide, form: str, field: str, accepted: str) -> None:
    """So that sameness is not that of refusals alone."""
    told = {**inputs.UNTOUCHED, "name": form, "pairs": [[field, accepted]]}
    same(django_forms, told)
    assert field in ours.form(**told)["cleaned"]


@pytest.mark.parametrize(
    ("form", "field", "refused"),
    [
        ("addresses", "email", "me@[0000:0000:0000:0000:0000:ffff:192.168.100.228]"),
        ("addresses", "email", "me@[1::2::3]"),
        ("addresses", "email", '"a b"@example.org'),
        ("addresses", "email", "me@example.org\n.de"),
        ("addresses", "url", "http://[1:2]/"),
        ("addresses", "url", "http://[1:2:3:4:5:6:7:8:9]/"),
        ("addresses", "url", "http://[0000:0000:0000:0000:0000:ffff:192.168.100.228]/"),
        ("addresses", "url", "http://a?b@/"),
        ("addresses", "url", "http://example.org/" + "x" * 2048),
        ("addresses", "url", "http://\u2100.example.org/"),
        ("addresses", "url", "javascript://example.org/%0aalert(1)"),
        ("texts", "short_one", "x"),
        ("numbers", "exact", "sNaN"),
        ("numbers", "exact", "-Infinity"),
        ("numbers", "price", "1234"),
        ("numbers", "price", "123456"),
        ("numbers", "price", "1.234"),
        ("numbers", "some", "11"),
        ("numbers", "some", "-3"),
        ("moments", "day", "Feb 29 2023"),
        ("moments", "moment", "2025-13-02 3:4"),
        ("moments", "moment", "2025-1-2 3:4+24:00"),
        ("moments", "moment", "2025-1-2 3:4+01:"),
        ("choices", "town", "nowhere"),
        ("choices", "towns", "nowhere"),
        ("choices", "number", "x"),
    ],
)
def test_refused(django_forms: FormsSide, form: str, field: str, refused: str) -> None:
    told = {**inputs.UNTOUCHED, "name": form, "pairs": [[field, refused]]}
    same(django_forms, told)
    assert field in ours.form(**told)["errors"]


@pytest.mark.parametrize(
    "day",
    [
        *(("2025", "10", "7"), ("2025", "2", "31"), ("2025", "", "1"), ("", "", "")),
        *(("0", "0", "0"), ("9" * 20, "1", "1"), ("x", "1", "1")),
    ],
)
def test_lists_of_a_day(django_forms: FormsSide, day: tuple[str, str, str]) -> None:
    parts = zip(("year", "month", "day"), day, strict=True)
    pairs = [[f"day_lists_{part}", value] for part, value in parts]
    same(django_forms, {**inputs.UNTOUCHED, "name": "moments", "pairs": pairs})
