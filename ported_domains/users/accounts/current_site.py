"""Django's site framework: the name and the domain that mails and log-in limits speak of."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

_SITE = text("SELECT domain, name FROM django_site WHERE id = :id")


@dataclass(frozen=True, slots=True)
class CurrentSite:
    """A row of `django_site`."""

    domain: str
    name: str

    def __str__(self) -> str:
        return self.domain


async def current_site(legacy: AsyncEngine, site_id: int) -> CurrentSite:
    """Raises LookupError where the legacy database has no such site."""
    async with legacy.connect() as connection:
        row = (await connection.execute(_SITE, {"id": site_id})).mappings().first()
    if row is None:
        raise LookupError(
            f"django_site has no row {site_id}: SITE_ID of the legacy settings names another one, "
            "or none"
        )
    return CurrentSite(**row)
