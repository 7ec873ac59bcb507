"""Query strings as Django's request.GET reads them."""

import pytest
from django.conf import settings
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from ported_domains.shared.api.parameters import Parameters
from ported_domains.shared.forms.bodies import MAX_FIELDS, TooManyFieldsError

QUERIES = st.text(alphabet="ab=&+%20CÃ¯é;\0", max_size=30).map(str.encode)


@pytest.fixture(scope="module", autouse=True)
def django_settings() -> None:
    if not settings.configured:
        settings.configure()


@given(query=QUERIES | st.binary(max_size=12))
def test_reads_as_django_does(query: bytes) -> None:
    django, ours = QueryDict(query), Parameters.parse_query(query)
    assert list(ours) == list(django)
    assert [ours.get_all(name) for name in ours] == [django.getlist(name) for name in django]
    assert [ours.get(name) for name in ours] == [django.get(name) for name in django]


@given(query=QUERIES)
def test_writes_as_django_does(query: bytes) -> None:
    django = QueryDict(query, mutable=True)
    django.pop("a", None)
    django.update({"a": "7"})
    assert Parameters.parse_query(query).replaced(a=7) == django.urlencode()


def test_name_that_did_not_come() -> None:
    parameters = Parameters.parse_query(b"a=1")
    assert parameters.get("b") is None
    assert parameters.get_all("b") == []
    assert "b" not in parameters
    assert "a" in parameters


def test_too_many_are_not_read() -> None:
    most = b"&".join([b"a=1"] * MAX_FIELDS)
    assert len(Parameters.parse_query(most).get_all("a")) == MAX_FIELDS
    with pytest.raises(TooManyFieldsError):
        Parameters.parse_query(most + b"&a=1")
