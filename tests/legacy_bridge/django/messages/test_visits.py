"""The same visits on both sides, for each storage: same cookie, same session, same messages."""

import random
import time
from dataclasses import dataclass
from typing import Any
from unittest import mock

from hypothesis import given
from hypothesis import strategies as st

from tests.legacy_bridge.django.django_side import DjangoSide
from tests.legacy_bridge.django.messages.native_side import STORAGES, native_visit
from tests.legacy_bridge.django.vectors import any_text, many

TAGS = {20: "general", 27: "own"}

# Long ones do not fit together; random ones cannot be deflated.
texts = st.one_of(
    any_text,
    st.text("<&é\"'", max_size=5),
    st.integers(0, 2**32).map(lambda seed: random.Random(seed).randbytes(600).hex()),
)
verbs = st.one_of(
    st.tuples(
        st.just("add"),
        st.sampled_from([10, 20, 25, 27, 30, 40]),
        texts,
        st.sampled_from(["", "", None, "extra tags", "é\ud800"]),
        st.booleans(),
    ),
    st.tuples(st.sampled_from(["len", "show"])),
    st.tuples(st.just("level"), st.sampled_from([10, 30])),
)


@dataclass(frozen=True)
class Visit:
    """Two requests of one visitor: what the first leaves, the second finds."""

    first: list[tuple[Any, ...]]
    second: list[tuple[Any, ...]]
    settings: dict[str, Any]


visits = st.builds(
    Visit,
    first=st.lists(verbs, max_size=8),
    second=st.lists(verbs, max_size=4),
    settings=st.fixed_dictionaries(
        {},
        optional={
            "MESSAGE_LEVEL": st.sampled_from([10, 30]),
            "MESSAGE_TAGS": st.just(TAGS),
            "SESSION_COOKIE_DOMAIN": st.just("example.org"),
            "SESSION_COOKIE_SECURE": st.just(True),
            "SESSION_COOKIE_HTTPONLY": st.just(False),
            "SESSION_COOKIE_SAMESITE": st.sampled_from([None, "None"]),
        },
    ),
)


@many
@given(storage=st.sampled_from(STORAGES), visit=visits)
async def test_same_visit(django_side: DjangoSide, storage: str, visit: Visit) -> None:
    now = int(time.time())
    cookie = ""
    session: dict[str, Any] = {}
    for steps in (visit.first, visit.second):
        told: dict[str, Any] = {
            "cookie": cookie,
            "session": session,
            "settings": visit.settings,
            "steps": [list(step) for step in steps],
        }
        theirs = django_side.ask("messages_visit", storage=storage, now=now, **told)
        with mock.patch("time.time", return_value=now):
            ours = await native_visit(storage, **told)
        assert ours == theirs
        cookie, session = "".join(theirs["set_cookie"]).split(";")[0], theirs["session"]
