"""Values in Django's caches: pickles, or what a project's own serializer writes as JSON.

To unpickle what somebody else wrote is to run their code. So a pickle is read only as far as it
is made of plain data; every reference to a class or a function in it is refused before it is
looked up.
"""

import io
import json
import pickle
from typing import Any, Final, NoReturn

from legacy_bridge.django.cache.contract import UnreadableValueError, Value

PICKLE_PROTOCOL: Final = 5
"""What Django writes on every Python that it runs on, and all of them read."""
TEXTS: Final = frozenset((("allauth.account.app_settings", "AppSettings.EmailVerificationMethod"),))
"""Classes whose members are texts. allauth leaves one in the session of a login that waits for its
mail; where sessions are JSON it is the text alone, so that allauth reads either."""
DEEPEST: Final = 100
_BEGINS_JSON: Final = b'{["-0123456789tfn'
"""No pickle begins with one of these. Django's RedisCache also writes whole numbers so."""


def write_pickle(value: Value) -> bytes:
    return pickle.dumps(value, PICKLE_PROTOCOL)


def write_json(value: Value) -> bytes:
    return json.dumps(value).encode()


def read(octets: bytes) -> Value:
    """The plain data in a pickle or in JSON, which what is written tells apart."""
    try:
        value = _load(octets)
    except UnreadableValueError:
        raise
    except Exception as error:  # a broken pickle fails in any way it likes
        raise UnreadableValueError(f"neither a pickle nor JSON: {error}") from None
    _refuse_other_types(value, DEEPEST, {})
    return value


def _load(octets: bytes) -> Value:
    if octets and octets[0] in _BEGINS_JSON:
        return json.loads(octets)
    return _Plain(io.BytesIO(octets)).load()


class _Text:
    """Called by a pickle instead of such a class, of which it wants the member of this value.

    One for each time, without attributes: a pickle may also try to change what it has found.
    """

    __slots__ = ()

    def __call__(self, value: object) -> str:
        if not isinstance(value, str):
            raise UnreadableValueError(f"a text that is a {type(value).__name__}")
        return value


class _Plain(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in TEXTS:
            return _Text()
        raise UnreadableValueError(f"it contains a {module}.{name}")

    def persistent_load(self, pid: Any) -> NoReturn:
        raise UnreadableValueError("it refers to something outside")


def _refuse_other_types(value: Value, depth: int, passed: dict[int, int]) -> None:
    """A pickle may also hold octets and sets, and itself.

    `passed` has the depth that was left where a container was found harmless: a pickle may refer
    to one of them from a million places.
    """
    if not depth:
        raise UnreadableValueError("it is nested too deeply")
    match value:
        case dict() | list() | tuple():
            if passed.get(id(value), DEEPEST + 1) > depth:
                for inner in _inside(value):
                    _refuse_other_types(inner, depth - 1, passed)
                passed[id(value)] = depth
        case str() | int() | float() | None:
            pass
        case _:
            raise UnreadableValueError(f"it contains {type(value).__name__}")


def _inside(container: dict[Any, Any] | list[Any] | tuple[Any, ...]) -> list[Any]:
    if isinstance(container, dict):
        return [*container.keys(), *container.values()]
    return list(container)
