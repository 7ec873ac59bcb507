from datetime import UTC, datetime

from legacy_site.apps.cms.seeding import put
from legacy_site.apps.jobs.models import Job, JobCategory, JobReviewComment, JobType
from legacy_site.apps.users.models import User

_FAR = datetime(2035, 1, 1, tzinfo=UTC)


def seed() -> None:
    types = [put(JobType, {"name": name}) for name in ("Back end", "Data", "Web")]
    put(JobType, {"name": "Gopher"}, active=False)
    developer = put(JobCategory, {"name": "Developer / Engineer"})
    teacher = put(JobCategory, {"name": "Teacher"})
    author = User.objects.get(username="u1_1")
    maps = _job("Cartographer who programs", developer, author, 3, company_name="Lantern Maps")
    maps.job_types.set(types[:2])
    school = _job(
        "Teacher of programming",
        teacher,
        author,
        2,
        company_name="School on the Hill",
        telecommuting=True,
        is_featured=True,
    )
    school.job_types.set(types[2:])
    waiting = _job(
        "Archivist",
        developer,
        author,
        1,
        company_name="Paper Mill",
        status=Job.Status.REVIEW,
        expires=None,
    )
    put(JobReviewComment, {"job": waiting}, comment="Which city is it?", creator=author)


def _job(title: str, category: JobCategory, author: User, day: int, **values) -> Job:
    values = {"status": Job.Status.APPROVED, "expires": _FAR, **values}
    return put(
        Job,
        {"job_title": title},
        category=category,
        company_description="We are few and *kind*.",
        description=f"{title} wanted.\n\n* four days a week\n* a desk by the window",
        requirements="Some years of practice.",
        city="Utrecht",
        region="UT",
        country="Netherlands",
        contact="Ulla Member",
        email="jobs@example.org",
        url="https://jobs.example.org/",
        creator=author,
        submitted_by=author,
        created=datetime(2025, 12, day, 10, tzinfo=UTC),
        **values,
    )
