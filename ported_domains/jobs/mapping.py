"""How the rows of the job board travel between the two databases (tables.md); parents first."""

from legacy_bridge.replication.mapping import TableMapping, same
from ported_domains.shared.columns import AUTHORED, NAMED, markup

MAPPING = (
    TableMapping(
        legacy="jobs_jobtype",
        native="job_types",
        columns=(*same("id", "active"), *NAMED),
    ),
    TableMapping(
        legacy="jobs_jobcategory",
        native="job_categories",
        columns=(*same("id", "active"), *NAMED),
    ),
    TableMapping(
        legacy="jobs_job",
        native="jobs",
        columns=(
            *AUTHORED,
            *same("category_id", "other_job_type", "job_title", "company_name"),
            *markup("company_description", "description", "requirements"),
            *same("city", "region", "country", "location_slug", "country_slug"),
            *same("contact", "email", "url", "submitted_by_id", "status", "expires"),
            *same("telecommuting", "agencies", "is_featured"),
        ),
    ),
    TableMapping(
        legacy="jobs_job_job_types",
        native="job_type_associations",
        columns=same("id", "job_id", "jobtype_id"),
    ),
    TableMapping(
        legacy="jobs_jobreviewcomment",
        native="job_review_comments",
        columns=(*AUTHORED, *same("job_id"), *markup("comment")),
    ),
)
