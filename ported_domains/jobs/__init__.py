"""The job board: rows only, its pages stay with the legacy site for now."""

from ported_domains.domain import Domain
from ported_domains.jobs.mapping import MAPPING

JOBS = Domain(
    name="jobs",
    mapping=MAPPING,
)
