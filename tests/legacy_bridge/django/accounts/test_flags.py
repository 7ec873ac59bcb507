"""Flags, decided as waffle does, with the same cookies; and the honeypot."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legacy_bridge.django.authentication.user import ANONYMOUS, Group, User
from legacy_bridge.django.flags import Flag, Flags, FlagSettings, FlagVisitor
from legacy_bridge.django.honeypot import Honeypot
from tests.legacy_bridge.django.accounts.side import AccountsSide
from tests.legacy_bridge.django.vectors import many

flags = st.builds(
    Flag,
    name=st.just("new"),
    everyone=st.sampled_from([None, None, None, True, False]),
    percent=st.sampled_from([None, Decimal("0.0"), Decimal("0.1"), Decimal("50.0")]),
    testing=st.booleans(),
    superusers=st.booleans(),
    staff=st.booleans(),
    authenticated=st.sampled_from([False, False, True]),
    languages=st.sampled_from(["", "", "en, de", "de,en-us", ","]),
    rollout=st.booleans(),
    users=st.frozensets(st.integers(1, 2), max_size=1),
    groups=st.frozensets(st.integers(1, 2), max_size=1),
)


@dataclass(frozen=True)
class Asked:
    user: dict[str, Any] | None
    query: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    language: str | None = None
    drawn: float = 50.0

    def visitor(self) -> FlagVisitor:
        if self.user is None:
            return FlagVisitor(ANONYMOUS, self.query, self.cookies, self.language)
        values = dict(self.user)
        groups = tuple(Group(number, f"group {number}") for number in values.pop("groups"))
        user = User(id=values.pop("pk"), username="u", password="", groups=groups, **values)
        return FlagVisitor(user, self.query, self.cookies, self.language)


asked = st.builds(
    Asked,
    user=st.none()
    | st.fixed_dictionaries(
        {
            "pk": st.sampled_from([1, 3]),
            "is_staff": st.booleans(),
            "is_superuser": st.booleans(),
            "groups": st.lists(st.integers(1, 2), unique=True, max_size=1),
        }
    ),
    query=st.dictionaries(
        st.sampled_from(["dwft_new", "new", "x"]), st.sampled_from(["1", "0", "", "True"])
    ),
    cookies=st.dictionaries(
        st.sampled_from(["dwft_new", "dwf_new", "x"]),
        st.sampled_from(["True", "False", "true", ""]),
    ),
    language=st.sampled_from([None, "en", "de", "fr", ""]),
    drawn=st.sampled_from([0.0, 0.1, 0.1000001, 49.9, 50.0, 50.1, 100.0]),
)


def row(flag: Flag) -> dict[str, Any]:
    values = {name: getattr(flag, name) for name in flag.__slots__}
    return values | {
        "percent": None if flag.percent is None else str(flag.percent),
        "users": sorted(flag.users),
        "groups": sorted(flag.groups),
    }


@many
@given(flag=flags, asked=asked)
def test_as_waffle(accounts: AccountsSide, flag: Flag, asked: Asked) -> None:
    there = accounts.ask(
        "flag",
        flag=row(flag),
        user=asked.user,
        query=asked.query,
        cookies=asked.cookies,
        language=asked.language,
        drawn=asked.drawn,
        times=2,
    )
    ours = Flags(asked.visitor(), draw=lambda: asked.drawn)
    assert [ours.is_on(flag), ours.is_on(flag)] == there["on"]
    cookies = [[each.name, each.value, each.max_age, each.secure] for each in ours.cookies()]
    assert cookies == there["cookies"]


def test_missing_flag(accounts: AccountsSide) -> None:
    assert Flags(Asked(None).visitor()).is_on(None) is accounts.ask("missing_flag") is False
    assert Flags(Asked(None).visitor(), FlagSettings(default=True)).is_on(None)


def test_override_comes_first() -> None:
    settings = FlagSettings(override=True)
    flag = Flag("new", everyone=False)
    assert Flags(Asked(None, {"new": "1"}).visitor(), settings).is_on(flag)
    assert not Flags(Asked(None, {"new": "x"}).visitor(), settings).is_on(flag)
    assert not Flags(Asked(None).visitor(), settings).is_on(flag)


def test_the_site_s_flag_for_members() -> None:
    """Shipped as: testing on, superusers on (behaviour/site.md 9)."""
    flag = Flag("psf_membership", testing=True)
    assert not Flags(Asked(None).visitor()).is_on(flag)
    assert Flags(Asked(None, {"dwft_psf_membership": "1"}).visitor()).is_on(flag)
    superuser = {"pk": 1, "is_superuser": True, "groups": []}
    assert Flags(Asked(superuser).visitor()).is_on(flag)


def test_draws_about_as_often_as_it_says() -> None:
    flag = Flag("new", percent=Decimal("30.0"))
    on = sum(Flags(Asked(None).visitor()).is_on(flag) for _ in range(4000))
    # Eight standard deviations.
    assert 970 < on < 1430


FORM = {"email_body_text": "write your message"}


@pytest.mark.parametrize(
    ("method", "form", "caught"),
    [
        ("POST", FORM, None),
        ("POST", {}, "email_body_text"),
        ("POST", {"email_body_text": ""}, "email_body_text"),
        ("POST", {"email_body_text": "write your message "}, "email_body_text"),
        ("POST", {"email_body_text": "x\0\ud800"}, "email_body_text"),
        ("GET", {}, None),
        ("PUT", {}, None),
    ],
)
def test_honeypot(method: str, form: dict[str, str], caught: str | None) -> None:
    assert Honeypot().caught(method, form) == caught


def test_honeypot_in_a_template() -> None:
    assert Honeypot("f", "v").template_context() == {"fieldname": "f", "value": "v"}
    assert Honeypot("f", "v").caught("POST", {"f": "v"}) is None
