import logging

import pytest
from jinja2 import DictLoader, Environment
from markupsafe import Markup

from ported_domains.shared.boxes import BoxLabels, box_lookup
from ported_domains.shared.render import Templates
from ported_domains.shared.resolver import Urls


def test_finds_the_labels_of_a_template_and_of_those_it_builds_on() -> None:
    sources = {
        "base": "{{ box('from-base') }}{% block content %}{% endblock %}",
        "part": "{{ box('from-part') }}{{ other('not-a-box') }}",
        "page": "{% extends 'base' %}{% block content %}{% include 'part' %}{{ box('own') }}"
        "{{ box(computed) }}{% endblock %}",
    }
    labels = BoxLabels(Environment(loader=DictLoader(sources), autoescape=True))
    assert labels.of("page") == {"own", "from-base", "from-part"}
    assert labels.of("base") == {"from-base"}


def test_knows_the_labels_of_the_landing_page() -> None:
    assert Templates(Urls([]), {}).labels.of("downloads/index.html") == {
        "download-banner",
        "download-dev",
        "download-otherreleases",
        "download-pgp",
        "download-sources",
        "download-widget1",
        "download-widget3",
        "download-widget4",
        "usermessage-releaseschedule",
    }


def test_a_missing_box_is_empty_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    box = box_lookup({"there": Markup("<p>it</p>")})
    with caplog.at_level(logging.WARNING):
        assert box("there") == "<p>it</p>"
        assert box("not-there") == ""
    assert [record.getMessage() for record in caplog.records] == [
        "box 'not-there' is missing, nothing is shown in its place"
    ]
