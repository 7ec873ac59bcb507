"""What one side writes the other one reads; each verb does the same on either side."""

from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from legacy_bridge.django.cache.contract import UnreadableValueError
from tests.legacy_bridge.django.cache.shared import SharedCache, through_json
from tests.legacy_bridge.django.vectors import VECTORS, json_values

both_fixtures = settings(
    max_examples=max(40, VECTORS // 5),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
numbers = count()


def fresh(name: str) -> str:
    return f"{name} {next(numbers)}"


@both_fixtures
@given(value=json_values)
async def test_values(shared: SharedCache, value: Any) -> None:
    key = fresh("value")
    shared.theirs("set", key, value, 100)
    assert through_json(await shared.ours.get(key)) == through_json(value)
    await shared.ours.set(key, value, 100)
    assert shared.theirs("get", key) == through_json(value)


@pytest.mark.parametrize("value", [0, -1, 2**70, True, False, 1.5, "12", "", None, [], {}, "é\0"])
async def test_types_survive(shared: SharedCache, value: Any) -> None:
    """A number is none of the texts, and no truth."""
    for write in (shared.ours.set, _async(shared, "set")):
        key = fresh("type")
        await write(key, value, 100)
        read = await shared.ours.get(key)
        assert (type(read), read) == (type(value), value)
        assert shared.theirs("get", key) == value


async def test_tuples_stay_tuples(shared: SharedCache) -> None:
    key = fresh("tuple")
    await shared.ours.set(key, {"a": (1, (2,))}, 100)
    assert await shared.ours.get(key) == {"a": (1, (2,))}


@pytest.mark.parametrize("seconds", [100, 100.9, None], ids=str)
@pytest.mark.parametrize("verb", ["set", "add", "delete"])
@pytest.mark.parametrize("state", ["absent", "there", "over"])
async def test_verbs(shared: SharedCache, verb: str, state: str, seconds: float | None) -> None:
    """From the same state, both come to the same answer and the same entry."""
    outcomes = []
    for act in (_async(shared, verb), getattr(shared.ours, verb)):
        key = fresh("verb")
        if state != "absent":
            shared.theirs("set", key, "old", 100 if state == "there" else -1)
        answer = await (act(key) if verb == "delete" else act(key, "new", seconds))
        outcomes.append((answer, shared.theirs("get", key), await shared.ours.get(key)))
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][1] == outcomes[0][2]


@pytest.mark.parametrize("seconds", [0, -1])
@pytest.mark.parametrize("verb", ["set", "add", "replace"])
async def test_what_is_over_at_once(shared: SharedCache, verb: str, seconds: float) -> None:
    key = fresh("over")
    if verb == "replace":
        await shared.ours.set(key, "old", 100)
    await getattr(shared.ours, verb)(key, "new", seconds)
    assert await shared.ours.get(key) is None
    assert shared.theirs("get", key) is None
    other = fresh("over")
    shared.theirs("set", other, "new", seconds)
    assert await shared.ours.get(other) is None


async def test_replace(shared: SharedCache) -> None:
    """Django asks first and then writes; here it is one step."""
    key = fresh("replaced")
    assert not await shared.ours.replace(key, 1, 100)
    assert shared.theirs("get", key) is None
    shared.theirs("set", key, 1, 100)
    assert await shared.ours.replace(key, 2, 100)
    assert shared.theirs("get", key) == 2
    shared.theirs("set", key, 3, -1)
    assert not await shared.ours.replace(key, 4, 100)


@pytest.mark.parametrize("code", ["OrderedDict(a=1)", "[OrderedDict(a=1)]"])
async def test_values_that_only_django_can_read(shared: SharedCache, code: str) -> None:
    key = fresh("class")
    shared.django.ask("put_python", entry=shared.entry, key=key, code=code)
    with pytest.raises(UnreadableValueError, match=r"it contains a collections\.OrderedDict"):
        await shared.ours.get(key)


def _async(shared: SharedCache, verb: str) -> Any:
    async def ask(*arguments: Any) -> Any:
        return shared.theirs(verb, *arguments)

    return ask
