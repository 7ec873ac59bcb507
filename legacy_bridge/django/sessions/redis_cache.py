"""Django's RedisCache: how it names keys, and writes and reads values.

It pickles dictionaries, and to unpickle what somebody else wrote is to run their code. So a pickle
is read only as far as it is made of what JSON has and tuples; every reference to a class or a
function in it is refused before it is looked up.
"""

import io
import json
import pickle
from typing import Any, Final, NoReturn, cast

from redis.asyncio import Redis

from legacy_bridge.django.sessions.store import UnreadableSessionError, Values
from legacy_bridge.django.settings import CacheSettings

PICKLE_PROTOCOL: Final = 5
"""What Django writes on every Python that it runs on, and all of them read."""
DEEPEST: Final = 100


class RedisCache:
    """`redis` must not decode answers: values are octets."""

    def __init__(self, redis: Redis, settings: CacheSettings) -> None:
        self._redis = redis
        self._before_key = f"{settings.key_prefix}:{settings.version}:"
        self._write = write_pickle if settings.serializer == "pickle" else write_json

    async def get(self, key: str) -> Values | None:
        """The values, or None if there are none; `UnreadableSessionError` if they are others."""
        octets = cast(bytes | None, await self._redis.get(self._before_key + key))
        return None if octets is None else read(octets)

    async def add(self, key: str, values: Values, seconds: float) -> bool:
        """Write them if there is nothing yet; False otherwise."""
        return await self._set(key, values, seconds, nx=True)

    async def replace(self, key: str, values: Values, seconds: float) -> bool:
        """Write them instead of others; False if there are none."""
        return await self._set(key, values, seconds, xx=True)

    async def set(self, key: str, values: Values, seconds: float) -> None:
        await self._set(key, values, seconds)

    async def delete(self, key: str) -> bool:
        """Whether there was anything."""
        return bool(await self._redis.delete(self._before_key + key))

    async def _set(
        self, key: str, values: Values, seconds: float, *, nx: bool = False, xx: bool = False
    ) -> bool:
        """Whole seconds; what would be over at once is not kept."""
        age = max(0, int(seconds))
        name = self._before_key + key
        octets = self._write(values)
        written = bool(await self._redis.set(name, octets, ex=age or 1, nx=nx, xx=xx))
        if written and not age:
            await self._redis.delete(name)
        return written


def write_pickle(values: Values) -> bytes:
    return pickle.dumps(values, PICKLE_PROTOCOL)


def write_json(values: Values) -> bytes:
    return json.dumps(values).encode()


def read(octets: bytes) -> Values:
    """The values in a pickle, or in JSON where the project's own serializer writes that."""
    try:
        values = json.loads(octets) if octets[:1] == b"{" else _Plain(io.BytesIO(octets)).load()
    except UnreadableSessionError:
        raise
    except Exception as error:  # a broken pickle fails in any way it likes
        raise UnreadableSessionError(f"neither a pickle nor JSON: {error}") from None
    if not isinstance(values, dict):
        raise UnreadableSessionError(f"a {type(values).__name__}, no session")
    _refuse_other_types(values, DEEPEST)
    return values


class _Plain(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> NoReturn:
        raise UnreadableSessionError(f"it contains a {module}.{name}")

    def persistent_load(self, pid: Any) -> NoReturn:
        raise UnreadableSessionError("it refers to something outside")


def _refuse_other_types(value: Any, depth: int) -> None:
    """A pickle may also hold octets and sets, and itself."""
    if not depth:
        raise UnreadableSessionError("it is nested too deeply")
    match value:
        case dict():
            for key, inner in value.items():
                _refuse_other_types(key, depth - 1)
                _refuse_other_types(inner, depth - 1)
        case list() | tuple():
            for inner in value:
                _refuse_other_types(inner, depth - 1)
        case str() | int() | float() | None:
            pass
        case _:
            raise UnreadableSessionError(f"it contains {type(value).__name__}")
