from legacy_site.apps.cms.seeding import put
from legacy_site.apps.users.models import User
from legacy_site.apps.work_groups.models import WorkGroup


def seed() -> None:
    admin, member = (User.objects.get(username=name) for name in ("admin1", "u1_1"))
    for name, approved in (("Grants", True), ("Documentation", False)):
        group = put(
            WorkGroup,
            {"name": name},
            approved=approved,
            short_description=f"Looks after {name.lower()}.",
            purpose=f"To look after {name.lower()}.",
            active_time="As long as there is work.",
            core_values="* openness\n* patience",
            rules="Decisions are made by lazy consensus.",
            communication="A mailing list and one call a month.",
            url="https://groups.example.org/",
        )
        group.organizers.set([admin])
        group.members.set([admin, member])
