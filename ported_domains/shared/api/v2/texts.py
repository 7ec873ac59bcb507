"""Fields of text in what is sent to API v2."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from ported_domains.shared.api.v2.resource import Field
from ported_domains.shared.forms.errors import ValidationError
from ported_domains.shared.forms.validators import Validator, validate_slug, validate_url

_WRONG: Final = MappingProxyType(
    {
        "string": "Not a valid string.",
        "slug": 'Enter a valid "slug" consisting of letters, numbers, underscores or hyphens.',
        "url": "Enter a valid URL.",
    }
)
_CHECKS: Final[Mapping[str, Validator]] = MappingProxyType(
    {"slug": validate_slug, "url": validate_url}
)


class RefusedError(ValueError):
    """What is wrong with one field."""

    def __init__(self, *texts: str) -> None:
        super().__init__(*texts)
        self.texts = list(texts)


def read_text(one: Field, given: Any) -> str | None:
    """Without space around it; numbers are taken for text. Raises `RefusedError`."""
    if str(given).strip() == "":
        if one.required:
            raise RefusedError("This field may not be blank.")
        return ""
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        raise RefusedError(_WRONG[one.kind])
    return str(given).strip()


def is_storable(text: str) -> bool:
    """PostgreSQL's text holds neither NUL nor half characters, so no row can have these."""
    return "\0" not in text and not _halves(text)


def check_text(one: Field, text: str) -> list[str]:
    """All that is wrong with it."""
    texts = []
    longest = one.limits.get("max_length")
    if longest is not None and len(text) > longest:
        texts.append(f"Ensure this field has no more than {longest} characters.")
    if "\0" in text:
        texts.append("Null characters are not allowed.")
    if halves := _halves(text):
        texts.append(f"Surrogate characters are not allowed: U+{ord(halves[0]):X}.")
    if one.kind in _CHECKS and not _passes(_CHECKS[one.kind], text):
        texts.append(_WRONG[one.kind])
    return texts


def _halves(text: str) -> list[str]:
    return [character for character in text if "\ud800" <= character <= "\udfff"]


def _passes(validate: Validator, text: str) -> bool:
    try:
        validate(text)
    except ValidationError:
        return False
    return True
