"""Which visitors of a canary are native: the same ones, and as many as the weight says."""

import pytest

from proxy.ownership.canary import Visitor, choose
from proxy.ownership.phases import Phase
from proxy.ownership.standing import Placed

KEY = b"key"
NUMBERS = range(10_000)


def visitor(number: int, cookie: str | None = None) -> Visitor:
    return Visitor(f"10.0.{number // 256}.{number % 256}", b"browser", cookie)


def canary(weight: float, epoch: int = 1) -> Placed:
    return Placed(Phase.CANARY, weight, epoch)


def chosen(weight: float, domain: str = "downloads") -> set[int]:
    return {n for n in NUMBERS if choose(domain, canary(weight), visitor(n), KEY).native}


@pytest.mark.parametrize("weight", [0.0, 1.0, 10.0, 50.0, 99.0, 100.0])
def test_as_many_as_the_weight_says(weight: float) -> None:
    wanted = len(NUMBERS) * weight / 100
    spread = 4 * (wanted * (1 - weight / 100)) ** 0.5  # four standard deviations
    assert abs(len(chosen(weight)) - wanted) <= spread


def test_a_greater_weight_keeps_those_who_were_chosen() -> None:
    assert chosen(1) < chosen(10) < chosen(50) < chosen(100)


def test_another_domain_has_other_visitors() -> None:
    both = chosen(50) & chosen(50, "users")
    assert 2_300 < len(both) < 2_700  # a quarter, not a half


def test_another_browser_at_the_same_address_is_another_visitor() -> None:
    agents = [f"browser {number}".encode() for number in range(100)]
    said = {choose("a", canary(50), Visitor("10.0.0.1", one, None), KEY).native for one in agents}
    assert said == {True, False}


def test_the_cookie_outlasts_address_and_weight_until_the_canary_ends() -> None:
    first = choose("downloads", canary(100, 7), visitor(1), KEY)
    value = first.cookie
    assert value is not None
    elsewhere = visitor(2, value)
    assert choose("downloads", canary(0, 7), elsewhere, KEY) == choose(
        "downloads", canary(100, 7), elsewhere, KEY
    )
    assert choose("downloads", canary(0, 7), elsewhere, KEY).native
    assert not choose("downloads", canary(0, 8), elsewhere, KEY).native
    assert not choose("downloads", canary(0, 7), elsewhere, b"another").native
    assert not choose("users", canary(0, 7), elsewhere, KEY).native
    for made_up in (value[:-1], value.replace(".", ""), "7", "7.", "", f"{value[:-1]}\xe9"):
        assert not choose("downloads", canary(0, 7), visitor(2, made_up), KEY).native


def test_who_was_not_chosen_gets_no_cookie() -> None:
    assert choose("downloads", canary(0), visitor(1), KEY).cookie is None


def test_without_a_key_no_cookie_is_given_or_believed() -> None:
    assert choose("downloads", canary(100), visitor(1), b"").cookie is None
    given = choose("downloads", canary(100), visitor(1), KEY).cookie
    assert not choose("downloads", canary(0), visitor(1, given), b"").native
