"""Working groups of the foundation. No page shows them: editors keep them in the admin."""

from ported_domains.domain import Domain
from ported_domains.work_groups.mapping import MAPPING

WORK_GROUPS = Domain(
    name="work_groups",
    mapping=MAPPING,
)
