from datetime import UTC, datetime

from legacy_site.apps.cms.seeding import put
from legacy_site.apps.companies.models import Company
from legacy_site.apps.successstories.models import Story, StoryCategory
from legacy_site.apps.users.models import User


def seed() -> None:
    arts = put(StoryCategory, {"name": "Arts"})
    science = put(StoryCategory, {"name": "Science"})
    maps = Company.objects.get(name="Lantern Maps")
    _story("Maps by starlight", science, 1, company=maps, company_name=maps.name, featured=True)
    _story("A play in four modules", arts, 2, company_name="Theatre of the Square")
    _story("Cheese and the moon", science, 3, company_name="Tidal Dairy", is_published=False)


def _story(name: str, category: StoryCategory, day: int, **values) -> Story:
    values = {"is_published": True, **values}
    return put(
        Story,
        {"name": name},
        category=category,
        company_url="https://company.example.org/",
        author="Ulla Member",
        author_email="u1_1@example.org",
        pull_quote="We had a first version after lunch.",
        content=f"{name} began with a spreadsheet.\n\nIt ended with ``pip install``.",
        submitted_by=User.objects.get(username="u1_1"),
        created=datetime(2025, 11, day, 10, tzinfo=UTC),
        **values,
    )
