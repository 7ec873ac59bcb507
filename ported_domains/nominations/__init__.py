"""Elections of the foundation: rows only, their pages stay with the legacy site for now."""

from ported_domains.domain import Domain
from ported_domains.nominations.mapping import MAPPING

NOMINATIONS = Domain(
    name="nominations",
    mapping=MAPPING,
)
