"""Pieces of HTML quoted as Django quotes them (`&quot;` and `&#x27;`, unlike MarkupSafe)."""

import html
from collections.abc import Mapping
from typing import Self

from markupsafe import Markup

Attribute = str | int | bool | None
"""True: the bare name. False: left out."""
Attributes = Mapping[str, Attribute]


class Called(Markup):
    """Markup that a template may also call: Django's templates call what Jinja's only name."""

    __slots__ = ()

    def __call__(self) -> Self:
        return self


def quoted(value: object) -> str:
    """As text between tags or quotes; what is markup already stays."""
    return str(value.__html__()) if hasattr(value, "__html__") else html.escape(str(value))


def printed(attributes: Attributes) -> str:
    """` name="value" name`: in the order given."""
    return "".join(
        f" {quoted(name)}" if value is True else f' {quoted(name)}="{quoted(value)}"'
        for name, value in attributes.items()
        if value is not False
    )
