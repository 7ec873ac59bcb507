"""The tag of the app cms with its built-in template (behaviour/cms.md)."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from legacy_bridge.templates.environment import TemplateEnvironment
from legacy_bridge.templates.libraries import DJANGO
from legacy_bridge.templates.loader import DjangoLoader
from ported_domains.look import BUILT_IN
from ported_domains.templatetags import LIBRARIES


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (
            datetime(2014, 1, 1, 12, tzinfo=UTC),
            (
                '<time datetime="2014-01-01T12:00:00+00:00">'
                '<span class="say-no-more">2014-</span>01-01</time>'
            ),
        ),
        (
            datetime(2014, 12, 31, 23, 30, tzinfo=timezone(timedelta(hours=-5))),
            (
                '<time datetime="2014-12-31T23:30:00-05:00">'
                '<span class="say-no-more">2014-</span>12-31</time>'
            ),
        ),
        (
            date(987, 6, 5),
            '<time datetime="0987-06-05"><span class="say-no-more">0987-</span>06-05</time>',
        ),
    ],
)
def test_iso_time_tag(moment: date, shown: str) -> None:
    environment = TemplateEnvironment(DjangoLoader((BUILT_IN,)), libraries=[*DJANGO, *LIBRARIES])
    source = "{% load cms %}{% iso_time_tag moment %}"
    assert environment.from_django(source).render(moment=moment) == f"\n{shown}\n"
