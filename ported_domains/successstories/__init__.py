"""What people achieved with Python: rows only, their pages stay with the legacy site for now."""

from ported_domains.domain import Domain
from ported_domains.successstories.mapping import MAPPING

SUCCESSSTORIES = Domain(
    name="successstories",
    mapping=MAPPING,
    reads=("companies",),
)
