"""Pickles and JSON that are read without running anything."""

import pickle
from typing import Any

import pytest
from hypothesis import given

from legacy_bridge.django.cache.contract import UnreadableValueError
from legacy_bridge.django.cache.values import read, write_json, write_pickle
from tests.legacy_bridge.django.django_side import DjangoSide
from tests.legacy_bridge.django.vectors import json_values, many


@many
@given(value=json_values)
def test_reads_what_django_pickles(django_side: DjangoSide, value: Any) -> None:
    """Octets may differ: in a pickle a text that stands twice may refer to itself."""
    theirs = django_side.ask("dumps_pickle", values=value).encode("latin-1")
    assert read(theirs) == value
    assert pickle.loads(write_pickle(value)) == value
    assert read(write_json([value])) == [value]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    "value",
    [
        {"a": [1, 2.5, None, True, "é"], "b": {"c": (1, (2,), ())}, "n": 2**70},
        [1764300000.5],
        [],
        {},
        (),
        12,
        -1.5,
        True,
        False,
        None,
        "",
        "true",
    ],
    ids=str,
)
def test_older_pickles(protocol: int, value: Any) -> None:
    """None of them is taken for JSON."""
    result = read(pickle.dumps(value, protocol))
    assert (type(result), result) == (type(value), value)


class Exploding:
    """Unpickled without care, it would run."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (eval, ("1 / 0",))


def endless() -> dict[str, Any]:
    values: dict[str, Any] = {}
    values["self"] = [values]
    return values


def folded(depth: int) -> list[Any]:
    """Small in a pickle; whoever follows every reference never comes to an end."""
    value: list[Any] = []
    for _ in range(depth):
        value = [value, value]
    return value


ALLAUTH = (
    b"\x80\x04\x8c\x1callauth.account.app_settings\x8c\x23AppSettings.EmailVerificationMethod\x93"
)
"""The class as a pickled member of it begins; the value comes next."""


def test_a_text_that_is_a_member_of_allauths() -> None:
    value = read(ALLAUTH + b"\x8c\x09mandatory\x85R.")
    assert (type(value), value) == (str, "mandatory")


REFUSED: dict[str, tuple[bytes, str]] = {
    "a list for a text": (ALLAUTH + b"]\x85R.", "a text that is a list"),
    "a class for a text": (ALLAUTH + b".", "it contains _Text"),
    "a changed class": (ALLAUTH + b"}\x8c\x01a\x8c\x01bsb.", "neither a pickle nor JSON"),
    "a function": (pickle.dumps({"a": Exploding()}), "it contains a builtins.eval"),
    "an old pickle's function": (
        b"cos\nsystem\n(S'true'\ntR.",
        "it contains a posix.system|os.system",
    ),
    "a set": (pickle.dumps({"a": {1}}), "it contains set"),
    "octets": (pickle.dumps({"a": b"x"}), "it contains bytes"),
    "a key of octets": (pickle.dumps({b"a": 1}), "it contains bytes"),
    "itself": (pickle.dumps(endless()), "nested too deeply"),
    "a hundred levels": (pickle.dumps(folded(100)), "nested too deeply"),
    "another object by name": (b"\x80\x05\x8c\x011Q.", "something outside"),
    "broken off": (pickle.dumps({"a": 1})[:-3], "neither a pickle nor JSON"),
    "nothing": (b"", "neither a pickle nor JSON"),
    "broken JSON": (b'{"a":', "neither a pickle nor JSON"),
    "deep JSON": (b'{"a":' + b"[" * 100_000, "neither a pickle nor JSON"),
    "a number in another writing": (b" 12", "neither a pickle nor JSON"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_refused(kind: str) -> None:
    octets, reason = REFUSED[kind]
    with pytest.raises(UnreadableValueError, match=reason):
        read(octets)


def test_many_references_to_one_value() -> None:
    """2 ** 98 of them."""
    assert len(read(pickle.dumps(folded(98)))) == 2
