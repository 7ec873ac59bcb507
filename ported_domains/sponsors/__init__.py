"""Sponsorships, from the catalogue to the contract: rows only, their pages stay with Django."""

from ported_domains.domain import Domain
from ported_domains.sponsors.mapping import MAPPING

SPONSORS = Domain(
    name="sponsors",
    mapping=MAPPING,
    reads=("users",),
)
