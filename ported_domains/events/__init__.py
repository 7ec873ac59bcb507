"""Calendars of the community: rows only, their pages stay with the legacy site for now."""

from ported_domains.domain import Domain
from ported_domains.events.mapping import MAPPING

EVENTS = Domain(
    name="events",
    mapping=MAPPING,
)
