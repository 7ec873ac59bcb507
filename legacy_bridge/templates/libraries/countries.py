"""`{% load countries %}` of django-countries."""

from typing import Any, NamedTuple

from legacy_bridge.templates.library import Library
from legacy_bridge.templates.rendering.context import Context

countries = Library("countries")


class Country(NamedTuple):
    """A country by its ISO 3166-1 code; printed it is the code."""

    code: str
    name: str

    def __str__(self) -> str:
        return self.code


@countries.simple_tag(takes_context=True)
def get_country(context: Context, code: Any) -> Country:
    """The name is empty for a code that is not known."""
    return Country(str(code), context.environment.site.countries.get(str(code), ""))


@countries.simple_tag(takes_context=True)
def get_countries(context: Context) -> list[Country]:
    return [Country(code, name) for code, name in context.environment.site.countries.items()]
