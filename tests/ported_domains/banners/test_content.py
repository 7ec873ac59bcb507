"""Which banner a page shows, and how it is printed."""

from collections.abc import Iterator

import pytest
from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from ported_domains.banners import content
from ported_domains.banners.content import active_banner
from ported_domains.banners.models import Banner
from tests.ported_domains.tag_sessions import session_of, shown


@pytest.fixture
def session(whole_dataset_url: str) -> Iterator[Session]:
    with session_of(whole_dataset_url) as session:
        session.execute(delete(Banner))
        yield session


def add(session: Session, *banners: tuple[int, bool, bool]) -> None:
    """Rows of these ids, active or not, for pages of the foundation only or not."""
    rows = [
        {"id": key, "title": f"t{key}", "message": "m", "link": "/l/"}
        | {"active": active, "psf_pages_only": psf_pages_only}
        for key, active, psf_pages_only in banners
    ]
    session.execute(insert(Banner), rows)


def titles(session: Session) -> list[str | None]:
    """On pages of the whole site, and on those of the foundation."""
    banners = [active_banner(session, psf_pages_only) for psf_pages_only in (False, True)]
    return [banner.title if banner else None for banner in banners]


@pytest.mark.parametrize(
    ("banners", "expected"),
    [
        ([], [None, None]),
        ([(1, False, False), (2, False, True)], [None, None]),
        ([(2, True, True)], [None, "t2"]),
        ([(1, True, True), (2, True, False), (3, True, False)], ["t2", "t1"]),
        ([(3, True, False), (5, True, True)], ["t3", "t3"]),
    ],
)
def test_the_oldest_active_one_is_shown(
    session: Session, banners: list[tuple[int, bool, bool]], expected: list[str | None]
) -> None:
    if banners:
        add(session, *banners)
    assert titles(session) == expected


def test_it_has_what_its_template_prints(session: Session) -> None:
    add(session, (1, True, False))
    assert active_banner(session, psf_pages_only=False) == content.Banner("m", "t1", "/l/")


def test_it_is_printed_as_text(session: Session) -> None:
    tag = "{% load banners %}{% render_active_banner %}"
    assert shown(session, tag) == ""
    session.execute(
        insert(Banner).values(
            title="<b>", message="1 < 2", link="/?a&b", active=True, psf_pages_only=False
        )
    )
    html = shown(session, tag)
    assert "1 &lt; 2" in html
    assert '<a class="button" href="/?a&amp;b" target="_blank" rel="noopener">&lt;b&gt;<' in html
