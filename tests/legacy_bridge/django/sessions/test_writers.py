"""Two writers of one session, each on either side: what is lost is what Django alone would lose."""

import asyncio
from typing import Any, Protocol

import pytest

from legacy_bridge.django.sessions.store import SessionInterruptedError
from tests.legacy_bridge.django.django_side import DjangoSide, RefusedError
from tests.legacy_bridge.django.sessions.native_side import NativeSide

SERVERS = ("db", "cached_db", "cache")
ORDERS = [
    "read A, save A, read B, save B",
    "read A, read B, save A, save B",
    "read A, read B, save B, save A",
    "read A, delete B, save A",
]


class Writer(Protocol):
    async def read(self) -> None: ...

    async def save(self) -> None: ...

    async def delete(self) -> None: ...


class DjangoWriter:
    def __init__(self, django: DjangoSide, engine: str, key: str, name: str) -> None:
        self._django = django
        self._session = {"engine": engine, "key": key}
        self._name = name

    async def read(self) -> None:
        self._django.ask("open_session", name=self._name, **self._session)

    async def save(self) -> None:
        self._django.ask("save_open", name=self._name, values={self._name: "Ü" + self._name})

    async def delete(self) -> None:
        self._django.ask("delete", **self._session)


class NativeWriter:
    def __init__(self, native: NativeSide, engine: str, key: str, name: str) -> None:
        self._session = native.session(engine, key)
        self._name = name

    async def read(self) -> None:
        await self._session.load()

    async def save(self) -> None:
        self._session[self._name] = "Ü" + self._name
        await self._session.save()

    async def delete(self) -> None:
        await self._session.flush()


@pytest.mark.parametrize("engine", SERVERS)
@pytest.mark.parametrize("order", ORDERS)
async def test_as_two_of_django(
    django: DjangoSide, native: NativeSide, engine: str, order: str
) -> None:
    async def outcome(a: str, b: str) -> Any:
        key = django.ask("seed", engine=engine, values={"before": [1]}, seconds=100)
        writers: dict[str, Writer] = {}
        for name, side in (("A", a), ("B", b)):
            if side == "django":
                writers[name] = DjangoWriter(django, engine, key, name)
            else:
                writers[name] = NativeWriter(native, engine, key, name)
        try:
            for step in order.split(", "):
                verb, name = step.split()
                await getattr(writers[name], verb)()
        except (SessionInterruptedError, RefusedError):
            return "interrupted"
        return django.ask("stored", engine=engine, key=key)

    theirs = await outcome("django", "django")
    for sides in (("native", "django"), ("django", "native"), ("native", "native")):
        assert await outcome(*sides) == theirs, sides
    assert (
        theirs
        == {
            ORDERS[0]: {"before": [1], "A": "ÜA", "B": "ÜB"},
            ORDERS[1]: {"before": [1], "B": "ÜB"},
            ORDERS[2]: {"before": [1], "A": "ÜA"},
            ORDERS[3]: "interrupted",
        }[order]
    )


@pytest.mark.parametrize("engine", SERVERS)
async def test_many_at_once(django: DjangoSide, native: NativeSide, engine: str) -> None:
    """The session is always one that a writer wrote whole, with the key none of them touched."""
    key = django.ask("seed", engine=engine, values={"before": "é\0"}, seconds=100)

    async def write(number: int) -> None:
        session = native.session(engine, key)
        await session.load()
        session["number"] = session["again"] = number
        await session.save()

    await asyncio.gather(*(write(number) for number in range(20)))
    after = django.ask("stored", engine=engine, key=key)
    assert after == {"before": "é\0", "number": after["number"], "again": after["number"]}


@pytest.mark.parametrize("engine", SERVERS)
async def test_nobody_revives_a_session(native: NativeSide, engine: str) -> None:
    """Whoever saves after a log-out is interrupted, and whoever looks finds nothing."""
    first = native.session(engine, None)
    first["a"] = 1
    await first.save()
    others = [native.session(engine, first.key) for _ in range(5)]
    for other in others:
        await other.load()
        other["b"] = 1
    await first.flush()
    results = await asyncio.gather(*(other.save() for other in others), return_exceptions=True)
    assert [type(result) for result in results] == [SessionInterruptedError] * 5
    after = native.session(engine, others[0].key)
    await after.load()
    assert after.key is None
