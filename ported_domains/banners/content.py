"""What the tags of the library `banners` show (behaviour/banners.md §4)."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ported_domains.banners import models

_banners = models.Banner.__table__.c
_ACTIVE = (
    select(_banners.message, _banners.title, _banners.link)
    .where(_banners.active)
    .order_by(_banners.id)
    .limit(1)
)
_ACTIVE_ANYWHERE = _ACTIVE.where(~_banners.psf_pages_only)


@dataclass(frozen=True, slots=True)
class Banner:
    """`title` is the text of the button that leads to `link`."""

    message: str
    title: str
    link: str


def active_banner(session: Session, psf_pages_only: bool) -> Banner | None:
    """The one banner that a page shows, if there is one.

    Pages of the foundation (`psf_pages_only`) show the oldest of all active ones, be it meant for
    them or for the whole site; other pages the oldest of those that are for the whole site.
    """
    found = session.execute(_ACTIVE if psf_pages_only else _ACTIVE_ANYWHERE).first()
    return Banner(*found) if found else None
