"""The outcome of Django's view `set_language`, beside Django's own."""

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from legacy_bridge.django.language_change import Choice, Outcome, change_language
from tests.legacy_bridge.django.language.side import AnswersSide
from tests.legacy_bridge.django.language.sites import SITES, native
from tests.legacy_bridge.django.vectors import NOW, many

_PATHS = """
    / /de/ /en/news/a-b/ /de/news/a-b/ /fr/shop/3/ /de/shop/3/?a=1#b /de/nameless/ /en/old/12/
    /de/Januar/2024/ /en/January/2024/ /news/x/ /Januar/2024/?q=%20 /plain/y/ /de/nothing/ /de
    /i18n/setlang/ /de/news/%61/ /de/one/ relative
"""
PATHS = _PATHS.split()
places = st.sampled_from(PATHS) | st.builds(
    "{}{}".format,
    st.sampled_from(
        ["http://example.org", "https://example.org", "//evil.example", "///x", "\\\\x"]
    ),
    st.sampled_from(PATHS),
)
wanted = st.sampled_from(
    ["", "de", "en", "fr", "pt-br", "pt-BR", "it", "xx", "english", "de\n", "é"]
)
ANY_TEXT = ["xx", "de\n", "é"]
"""Which Django takes for a language where USE_I18N is off."""
accepts = st.sampled_from([None, "text/html", "application/json", "*/*"])


@many
@given(
    site=st.sampled_from(sorted(SITES)),
    form=st.none()
    | st.fixed_dictionaries({}, optional={"language": wanted, "next": places | st.just("")}),
    asked=st.none() | places,
    referer=st.none() | places,
    accept=accepts,
    cookie=st.sampled_from([None, "de", "en", "fr"]),
)
@example("in every URL", {"language": "fr", "next": "/de/Januar/2024/"}, None, None, None, "de")
@example("in every URL", {"language": "fr", "next": "/de/news/a-b/"}, None, None, None, "en")
@example("in every URL", {"language": "fr", "next": "/de/one/"}, None, None, None, "de")
@example("in other URLs", {"language": "en", "next": "/news/a/?x=1"}, None, None, None, None)
@example("without slashes", {"language": "fr"}, None, "/de/old/3/", "text/html", None)
@example("as Django is", {"language": "fr"}, None, None, "application/json", None)
def test_changes_as_there(
    languages_side: AnswersSide,
    site: str,
    form: dict[str, str] | None,
    asked: str | None,
    referer: str | None,
    accept: str | None,
    cookie: str | None,
) -> None:
    next_url, chosen = (form or {}).get("next", asked), (form or {}).get("language")
    languages, urls = native(languages_side, site)
    assume(not languages.settings.translated or not _is_word_unknown(chosen, next_url, referer))
    assume(languages.settings.translated or chosen not in ANY_TEXT)
    headers = {"HTTP_REFERER": referer, "HTTP_ACCEPT": accept}
    if cookie:
        headers["HTTP_COOKIE"] = f"{languages.settings.cookie_name}={cookie}"
    theirs = languages_side.ask(
        "visit",
        now=NOW,
        settings=SITES[site],
        path="/i18n/setlang/",
        query=_query(asked),
        form=form,
        **{name: value for name, value in headers.items() if value is not None},
    )
    choice = Choice(
        method="GET" if form is None else "POST",
        language=chosen,
        next_url=next_url,
        referer=referer,
        host="example.org",
        secure=False,
        accepts_html=accept != "application/json",
        active=languages.of("/i18n/setlang/", cookie, None).code,
    )
    ours = change_language(languages, choice, urls, now=NOW)
    assert _told(ours) == {name: theirs[name] for name in ("status", "location", "set-cookie")}


def _is_word_unknown(language: str | None, *urls: str | None) -> bool:
    """Whether a word of a URL is asked for in a language that the project does not offer, which no
    manifest has. Django would find the word, and then no page under it."""
    offered = language is None or language.lower() in ("de", "en", "fr", "pt-br")
    return not offered and any("Janua" in url for url in urls if url)


def _query(asked: str | None) -> str:
    return "" if asked is None else urlencode({"next": asked})


def _told(outcome: Outcome) -> dict[str, Any]:
    line = outcome.set_cookie
    return {
        "status": 204 if outcome.location is None else 302,
        "location": outcome.location,
        "set-cookie": None if line is None else line.decode("latin-1"),
    }


def test_over_tls_nobody_is_led_out_of_it(languages_side: AnswersSide) -> None:
    languages, urls = native(languages_side, "as Django is")
    choice = Choice(
        method="POST",
        language="de",
        next_url="http://example.org/x",
        referer="https://example.org/y",
        host="example.org",
        secure=True,
        accepts_html=True,
        active="en",
    )
    assert change_language(languages, choice, urls) == Outcome(
        "https://example.org/y", b"django_language=de; Path=/"
    )


@pytest.mark.parametrize("next_url", ["/\ud800", "/" + "x" * 3000])
def test_what_cannot_be_a_location(languages_side: AnswersSide, next_url: str) -> None:
    languages, urls = native(languages_side, "in every URL")
    choice = Choice(
        method="POST",
        language="de",
        next_url=next_url,
        referer=None,
        host="example.org",
        secure=False,
        accepts_html=True,
        active="en",
    )
    assert change_language(languages, choice, urls).location == "/"
