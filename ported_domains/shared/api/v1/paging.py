"""Which part of a list is asked for (api.md B.7)."""

from dataclasses import dataclass

from ported_domains.shared.api.parameters import Parameters
from ported_domains.shared.api.v1.faults import BadRequestError
from ported_domains.shared.api.v1.resource import Resource

DEFAULT_LIMIT = 20
MOST = 1000
# Beyond this PostgreSQL refuses an OFFSET; no list is that long.
LARGEST_OFFSET = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Page:
    """`limit` is 1 to 1000; `offset` 0 or more."""

    limit: int
    offset: int

    @property
    def database_offset(self) -> int:
        return min(self.offset, LARGEST_OFFSET)

    def meta(self, uri: str, parameters: Parameters, total: int) -> dict[str, object]:
        """The envelope's `meta`; links are relative and keep the other parameters."""

        def link(offset: int) -> str:
            return f"{uri}?{parameters.replaced(limit=self.limit, offset=offset)}"

        before, after = self.offset - self.limit, self.offset + self.limit
        return {
            "limit": self.limit,
            "next": link(after) if after < total else None,
            "offset": self.offset,
            "previous": link(before) if before >= 0 else None,
            "total_count": total,
        }


def read_page(parameters: Parameters) -> Page:
    """Raises `BadRequestError`."""
    limit = _number(parameters, "limit", DEFAULT_LIMIT, "a positive integer")
    offset = _number(parameters, "offset", 0, "an integer")
    return Page(limit if 0 < limit <= MOST else MOST, offset)


def check_order(resource: Resource, parameters: Parameters) -> None:
    """No field may be ordered by: raises `BadRequestError` where it is asked for."""
    wanted = parameters.get_all("order_by") or parameters.get_all("sort_by")
    for text in wanted[:1]:
        name = text.split("__")[0].removeprefix("-")
        if name in resource.by_name:
            raise BadRequestError(f"The '{name}' field does not allow ordering.")
        raise BadRequestError(f"No matching '{name}' field for ordering on.")


def _number(parameters: Parameters, name: str, default: int, wanted: str) -> int:
    text = parameters.get(name)
    if text is None:
        return default
    try:
        number = int(text)
    except ValueError:
        raise BadRequestError(
            f"Invalid {name} '{text}' provided. Please provide {wanted}."
        ) from None
    if number < 0:
        raise BadRequestError(
            f"Invalid {name} '{text}' provided. Please provide a positive integer >= 0."
        )
    return number
