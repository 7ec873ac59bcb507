"""From what was sent to API v2 to values that the columns take (api.md C.6).

Each field is read by its kind and checked; what is wrong is told of all fields at once. Then the
row as a whole: fields that are taken together, and the rules of its `Store`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import SQLColumnExpression, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from ported_domains.shared.api.store import Values
from ported_domains.shared.api.v2 import faults
from ported_domains.shared.api.v2.incoming import Sent
from ported_domains.shared.api.v2.links import LinkError, Locate
from ported_domains.shared.api.v2.moments import parse_moment
from ported_domains.shared.api.v2.question import fits
from ported_domains.shared.api.v2.resource import Field, Resource
from ported_domains.shared.api.v2.texts import RefusedError, check_text, is_storable, read_text
from ported_domains.shared.forms.values import Values as Form

NON_FIELD: Final = "non_field_errors"
_TEXTS: Final = ("string", "slug", "url")
_ABSENT: Final = object()
_TRUE = frozenset({"t", "y", "yes", "true", "on", "1", 1})
_FALSE = frozenset({"f", "n", "no", "false", "off", "0", 0})
_NO_MOMENT: Final = (
    "Datetime has wrong format. Use one of these formats instead: "
    "YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]."
)


@dataclass(frozen=True, slots=True)
class Validation:
    """Of one row: a new one, or the one that is `stored` under `key`. With `partial`, nothing is
    required."""

    resource: Resource
    db: AsyncSession
    locate: Locate
    stored: Values | None = None
    key: int | None = None
    partial: bool = False

    async def values(self, sent: Sent) -> dict[str, Any]:
        """By column. Raises `FaultError` with texts by field."""
        data = _as_mapping(sent.data)
        values: dict[str, Any] = {}
        errors: dict[str, list[str]] = {}
        for one in self.resource.fields:
            if one.read_only:
                continue
            try:
                value = self._cleaned(one, _given(one, data, sent.is_form, self.partial))
                if value is not _ABSENT:
                    await self._check_rows(one, value)
                    values[one.column_name] = value
            except RefusedError as refused:
                errors[one.name] = refused.texts
        if errors:
            raise faults.invalid(errors)
        await self._check_together(values)
        whole = {**(self.stored or {}), **values}
        if wrong := self.resource.written.faults(whole, self.stored):
            raise faults.invalid(wrong)
        return values

    def _cleaned(self, one: Field, given: Any) -> Any:
        """`_ABSENT` where the field is to be left alone."""
        if one.kind in _TEXTS:
            given = read_text(one, given) if given is not _ABSENT else given
        if given is _ABSENT:
            if one.required and not self.partial:
                raise RefusedError("This field is required.")
            return _ABSENT
        if given is None or (given == "" and one.link):
            if not one.nullable:
                raise RefusedError("This field may not be null.")
            return None
        if one.link is not None:
            return self._key_of_link(one, given)
        return _READERS[one.kind](one, given)

    def _key_of_link(self, one: Field, given: Any) -> int:
        try:
            key = self.locate(one, given)
        except LinkError as error:
            raise RefusedError(str(error)) from None
        if key is None or not fits(key):
            raise RefusedError(_MISSING)
        return key

    async def _check_rows(self, one: Field, value: Any) -> None:
        """What the row refers to is there, what is to be unique is not; then the value itself."""
        if one.refers_to is not None and value is not None:
            if not await self._is_there(one.refers_to == value):
                raise RefusedError(_MISSING)
            return
        texts = check_text(one, value) if one.kind in _TEXTS and value else []
        if one.unique and is_storable(value) and await self._is_taken(one.stored == value):
            name = one.label if one.label.isupper() else one.label.lower()
            called = self.resource.called
            texts.insert(0, f"{called} with this {name} already exists.")
        if texts:
            raise RefusedError(*texts)

    async def _check_together(self, values: Values) -> None:
        by_name = {one.name: one for one in self.resource.fields}
        whole = {**(self.stored or {}), **values}
        for together in self.resource.together:
            columns = [by_name[name] for name in together.fields]
            if not any(self._changes(one.column_name, values) for one in columns):
                continue
            same = [one.stored == whole[one.column_name] for one in columns]
            if await self._is_taken(together.taken_by, *same):
                raise faults.invalid({NON_FIELD: [together.refusal]})

    def _changes(self, column: str, values: Values) -> bool:
        return column in values and (self.stored is None or values[column] != self.stored[column])

    async def _is_taken(self, *conditions: SQLColumnExpression[bool]) -> bool:
        """By another row than the one that is changed."""
        others = () if self.key is None else (self.resource.key != self.key,)
        return await self._is_there(*conditions, *others)

    async def _is_there(self, *conditions: SQLColumnExpression[bool]) -> bool:
        return bool(await self.db.scalar(select(exists().where(*conditions))))


_MISSING: Final = "Invalid hyperlink - Object does not exist."


def _as_mapping(data: Any) -> Mapping[str, Any] | Form:
    if data is None:
        raise faults.invalid({NON_FIELD: ["No data provided"]})
    if not isinstance(data, Mapping | Form):
        kind = type(data).__name__
        text = f"Invalid data. Expected a dictionary, but got {kind}."
        raise faults.invalid({NON_FIELD: [text]})
    return data


def _given(one: Field, data: Mapping[str, Any] | Form, is_form: bool, partial: bool) -> Any:
    """A form has no null, and does not send a box that is not ticked."""
    if one.name not in data:
        return False if is_form and one.kind == "boolean" and not partial else _ABSENT
    value = data[one.name]
    if is_form and value == "" and one.kind not in _TEXTS and not one.required:
        return None if one.nullable else _ABSENT
    return value


def _boolean(one: Field, given: Any) -> bool:
    word = given.lower() if isinstance(given, str) else given
    if isinstance(word, str | int | float):
        if word in _TRUE:
            return True
        if word in _FALSE:
            return False
    raise RefusedError("Must be a valid boolean.")


def _choice(one: Field, given: Any) -> int:
    by_text = {str(value): value for value in one.choices}
    if str(given) not in by_text:
        raise RefusedError(f'"{given}" is not a valid choice.')
    return by_text[str(given)]


def _integer(one: Field, given: Any) -> int:
    if isinstance(given, str) and len(given) > 1000:
        raise RefusedError("String value too large.")
    whole, _, fraction = str(given).rstrip().partition(".")
    try:
        number = int(str(given) if fraction.strip("0") else whole)
    except ValueError:
        raise RefusedError("A valid integer is required.") from None
    least, most = one.limits["min_value"], one.limits["max_value"]
    if number > most:
        raise RefusedError(f"Ensure this value is less than or equal to {most}.")
    if number < least:
        raise RefusedError(f"Ensure this value is greater than or equal to {least}.")
    return number


def _moment(one: Field, given: Any) -> datetime:
    moment = parse_moment(given) if isinstance(given, str) else None
    if moment is None:
        raise RefusedError(_NO_MOMENT)
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        raise RefusedError("Datetime value out of range.") from None


def _same(one: Field, given: Any) -> Any:
    return given


_READERS: Mapping[str, Callable[[Field, Any], Any]] = MappingProxyType(
    {
        **dict.fromkeys(_TEXTS, _same),
        "boolean": _boolean,
        "choice": _choice,
        "integer": _integer,
        "datetime": _moment,
    }
)
