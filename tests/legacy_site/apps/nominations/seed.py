from datetime import UTC, date, datetime

from legacy_site.apps.cms.seeding import put
from legacy_site.apps.nominations.models import Election, ElectionKind, Nomination, Nominee
from legacy_site.apps.users.models import User

_BOARD = ElectionKind.NominationForm.BOARD
_COUNCIL = ElectionKind.NominationForm.PACKAGING_COUNCIL


def seed() -> None:
    member = User.objects.get(username="u1_1")
    board = put(ElectionKind, {"name": "Board"}, nomination_form=_BOARD)
    council = put(
        ElectionKind, {"name": "Council"}, nomination_form=_COUNCIL, accent_color="#8a4f00"
    )
    past = _election("Board Election 2025", board, 2025)
    _election("Board Election 2030", board, 2030)
    _election("Council Election 2030", council, 2030, hide_previous_service=True)
    nominee = put(Nominee, {"election": past, "user": member}, accepted=True, approved=True)
    put(
        Nomination,
        {"election": past, "nominator": member},
        nominee=nominee,
        name="Ulla Member",
        email=member.email,
        previous_board_service="None",
        employer="Lantern Maps",
        other_affiliations="Utrecht Python Evenings",
        nomination_statement="I will read **every** paper before the meeting.",
        accepted=True,
        approved=True,
        coc_acknowledged=True,
    )


def _election(name: str, kind: ElectionKind, year: int, **values) -> Election:
    return put(
        Election,
        {"name": name},
        kind=kind,
        date=date(year, 6, 30),
        nominations_open_at=datetime(year, 5, 1, tzinfo=UTC),
        nominations_close_at=datetime(year, 5, 31, tzinfo=UTC),
        description=f"Seats that are free in {year}.",
        **values,
    )
