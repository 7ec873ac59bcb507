"""Which number Django has for a model: the table `django_content_type` of the legacy database.

    kinds = ContentTypes(legacy, model_keys(manifest))
    (await kinds.for_model("pages.Page")).id

Rows that were found are kept for as long as the process lives, as Django does. That one is absent
is never kept: Django adds it when the app's migrations run, or when the model is first asked for.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlalchemy import ARRAY, BigInteger, Text, bindparam, text
from sqlalchemy.ext.asyncio import AsyncEngine

from legacy_bridge.django.secrecy import storable

ACTIONS: Final = ("add", "change", "delete", "view")
"""What Django makes a permission for, unless a model's Meta says otherwise."""
_LARGEST_ID: Final = 2**63 - 1


class Key(NamedTuple):
    """Django's natural key; `model` is in small letters."""

    app_label: str
    model: str

    def permission(self, action: str) -> str:
        """`pages.add_page`; of a proxy model by its own name."""
        return f"{self.app_label}.{action}_{self.model}"

    @property
    def permissions(self) -> tuple[str, ...]:
        """Those of `ACTIONS`."""
        return tuple(self.permission(action) for action in ACTIONS)


@dataclass(frozen=True, slots=True)
class ModelKeys:
    """A model's own key, and that of the model whose table it is: the same unless it is a proxy."""

    own: Key
    concrete: Key


@dataclass(frozen=True, slots=True)
class ContentType:
    """A row."""

    id: int
    key: Key


class UnknownModelError(LookupError):
    """The project has no model of this label."""


_ARRAYS: Final = (
    bindparam("apps", type_=ARRAY(Text)),
    bindparam("models", type_=ARRAY(Text)),
)
_OF_KEYS: Final = text("""
SELECT id, app_label, model
FROM django_content_type JOIN unnest(:apps, :models) AS wanted (app_label, model)
    USING (app_label, model)
""").bindparams(*_ARRAYS)
_OF_IDS: Final = text("""
SELECT id, app_label, model FROM django_content_type WHERE id = ANY(:ids)
""").bindparams(bindparam("ids", type_=ARRAY(BigInteger)))
# It waits for a transaction of Django's that is making the same row, and then leaves it alone.
_CREATE: Final = text("""
INSERT INTO django_content_type (app_label, model)
SELECT app_label, model FROM unnest(:apps, :models) AS wanted (app_label, model)
ON CONFLICT (app_label, model) DO NOTHING
""").bindparams(*_ARRAYS)


class ContentTypes:
    """One per process. What is not yet known is asked for in one round trip, however much it is."""

    __slots__ = ("_by_id", "_by_key", "_legacy", "_models")

    def __init__(self, legacy: AsyncEngine, models: Mapping[str, ModelKeys]) -> None:
        """`models` are the project's, by their label (app.Name) in small letters."""
        # Otherwise each statement would cost a BEGIN and a COMMIT of its own.
        self._legacy = legacy.execution_options(isolation_level="AUTOCOMMIT")
        self._models = models
        self._by_key: dict[Key, ContentType] = {}
        self._by_id: dict[int, ContentType] = {}

    async def of_keys(self, keys: Iterable[Key]) -> dict[Key, ContentType]:
        """By natural key; without those that have no row. `model` must be in small letters."""
        wanted = [key for key in dict.fromkeys(keys) if all(storable(part) for part in key)]
        missing = [key for key in wanted if key not in self._by_key]
        if missing:
            async with self._legacy.connect() as connection:
                self._keep(await connection.execute(_OF_KEYS, _arrays(missing)))
        return {key: self._by_key[key] for key in wanted if key in self._by_key}

    async def of_ids(self, ids: Iterable[int]) -> dict[int, ContentType]:
        """By the number that rows of other tables have; without those that have no row."""
        wanted = [each for each in dict.fromkeys(ids) if 0 < each <= _LARGEST_ID]
        missing = [each for each in wanted if each not in self._by_id]
        if missing:
            async with self._legacy.connect() as connection:
                self._keep(await connection.execute(_OF_IDS, {"ids": missing}))
        return {each: self._by_id[each] for each in wanted if each in self._by_id}

    async def for_models(
        self, labels: Iterable[str], *, concrete: bool = True
    ) -> dict[str, ContentType]:
        """By label (app.Name), as Django's `get_for_models`: rows that are not there are made.

        A proxy model has that of the model whose table it is, unless `concrete` is False. Raises
        `UnknownModelError`.
        """
        keys = {label: self._key(label, concrete) for label in labels}
        found = await self.of_keys(keys.values())
        absent = [key for key in dict.fromkeys(keys.values()) if key not in found]
        if absent:
            async with self._legacy.connect() as connection:
                await connection.execute(_CREATE, _arrays(absent))
            found |= await self.of_keys(absent)
        return {label: found[key] for label, key in keys.items()}

    async def for_model(self, label: str, *, concrete: bool = True) -> ContentType:
        """Of one model."""
        return (await self.for_models((label,), concrete=concrete))[label]

    def _key(self, label: str, concrete: bool) -> Key:
        keys = self._models.get(label.lower())
        if keys is None:
            raise UnknownModelError(
                f"the legacy project has no model {label!r} — if it is new there, write the "
                "manifest anew: manage.py strangler_manifest --output FILE"
            )
        return keys.concrete if concrete else keys.own

    def forget(self) -> None:
        """Django's `clear_cache`: after rows were removed or renamed."""
        self._by_key.clear()
        self._by_id.clear()

    def _keep(self, rows: Iterable[tuple[int, str, str]]) -> None:
        for number, app_label, model in rows:
            kind = ContentType(number, Key(app_label, model))
            self._by_key[kind.key] = self._by_id[number] = kind


def _arrays(keys: Iterable[Key]) -> dict[str, list[str]]:
    apps, models = zip(*keys, strict=True)
    return {"apps": list(apps), "models": list(models)}
