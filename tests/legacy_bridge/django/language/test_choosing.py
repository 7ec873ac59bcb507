"""Which language a request gets and what the answer says of it, beside Django's own."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from legacy_bridge.django.cookies import quote
from legacy_bridge.django.language import (
    REDIRECT_VARIES_ON,
    Languages,
    LanguageSettings,
    accepted,
)
from legacy_bridge.django.language_codes import (
    CATALOGS,
    FALLBACKS,
    LANGUAGES,
    has_catalog,
    to_language,
    to_locale,
)
from legacy_bridge.django.vary import vary_on
from ported_domains.shared.visit import Visit
from tests.legacy_bridge.django.language.side import AnswersSide
from tests.legacy_bridge.django.language.sites import SITES, native
from tests.legacy_bridge.django.vectors import fewer, many

_KNOWN = """
    en en-us EN-GB en-zz de de-at de_AT fr pt pt-br pt-BR pt-ao es es-ar zh zh-cn zh-CN zh-hans
    zh-hant-tw zh-tw zh-sg sr sr-latn sr-Latn-RS sr@latin nb no ht klingon english x-y-z i-default *
"""
KNOWN = _KNOWN.split()
codes = (
    st.sampled_from(KNOWN)
    | st.sampled_from(LANGUAGES)
    | st.from_regex(r"[A-Za-z]{1,9}([-_@][A-Za-z0-9]{1,9}){0,3}", fullmatch=True)
    | st.sampled_from(["", "-", "en-", "-en", "en\n", "de-at\n", "é", "de-" + "x-" * 250])
)
weights = st.sampled_from(
    [
        "",
        "",
        ";q=0",
        ";q=0.3",
        "; q=0.9",
        " ; q=1.000",
        ";q=1.1",
        ";q=0.1234",
        ";q=",
        ";Q=0.5",
        ";x",
    ]
)
commas = st.sampled_from([",", ", ", " ,", ",,", ";", "\xa0,\t"])


@st.composite
def accept_fields(draw: st.DrawFn) -> str:
    """Also malformed ones, and those that are longer than Django reads."""
    field = ""
    for _ in range(draw(st.integers(0, 5))):
        code = draw(codes.filter(lambda text: text.isascii()))
        field += code + draw(weights) + draw(commas)
    field = field * draw(st.sampled_from([1, 1, 1, 40]))
    return field if draw(st.booleans()) else field.rstrip(", \t\xa0")


any_accept = accept_fields() | st.text(st.characters(max_codepoint=0xFF), max_size=20)


@many
@given(field=any_accept)
@example(field="x" * 501)
@example(field="de," + "x" * 500)
@example(field="," * 501)
@example(field="en;q=0.5, de, fr;q=0.5, *")
def test_accept_language_is_read_as_there(languages_side: AnswersSide, field: str) -> None:
    assert accepted(field) == languages_side.ask("accepted", field=field)


@many
@given(code=codes)
def test_languages_are_known_as_there(languages_side: AnswersSide, code: str) -> None:
    assert has_catalog(code) is languages_side.ask("is_known", code=code)


def test_tables_are_those_of_django(languages_side: AnswersSide) -> None:
    """Of the newest version that we know; each older one has a part of them."""
    theirs = languages_side.ask("catalogs")
    assert set(theirs) <= set(LANGUAGES)
    assert {to_locale(code) for code in theirs} <= CATALOGS
    assert theirs == [code for code in LANGUAGES if code in theirs]
    assert {code: [name] for code, name in FALLBACKS.items()} == languages_side.ask("fallbacks")


@pytest.mark.parametrize("code", ["pt-br", "zh-hans", "de", "sr-latn-rs"])
def test_names_of_folders_are_undone(code: str) -> None:
    assert to_language(to_locale(code)) == code


paths = st.builds(
    "{}{}{}".format,
    codes.map(lambda code: f"/{code}") | st.just(""),
    st.sampled_from(
        ["/", "", "/news/a-b/", "/news/a-b", "/plain/x/", "/nothing/", "/é ?/", "//x.y/"]
    ),
    st.sampled_from(["", "", "\n"]),
).filter(lambda path: path.startswith("/"))


@many
@given(
    site=st.sampled_from(sorted(SITES)),
    path=paths,
    query=st.sampled_from(["", "a=1&b=%20", "next=/x?y"]),
    cookie=st.none() | codes,
    accept=st.none() | any_accept,
)
@example("in every URL", "/de/news/a/", "", "fr", "fr")
@example("in every URL", "/news/a", "q=1", None, "fr")
@example("in other URLs", "/news/a/", "", "fr", "fr")
@example("without slashes", "/news/a", "", None, "fr")
@example("as Django is", "/", "", "de-" + "x-" * 250, None)
@example("as Django is", "/", "", "zh-tw", "de")
@example("a few", "/", "", "zh-CN", "de")
def test_requests_get_the_language_that_they_get_there(
    languages_side: AnswersSide,
    site: str,
    path: str,
    query: str,
    cookie: str | None,
    accept: str | None,
) -> None:
    name = SITES[site].get("LANGUAGE_COOKIE_NAME", "django_language")
    headers: dict[str, str] = {}
    if cookie is not None:
        cookie = cookie.strip()
        headers["HTTP_COOKIE"] = f"{name}={quote(cookie)}"
    if accept is not None:
        headers["HTTP_ACCEPT_LANGUAGE"] = accept
    theirs = languages_side.ask("visit", settings=SITES[site], path=path, query=query, **headers)
    assert answer(languages_side, site, path, query, cookie, accept) == theirs


def answer(
    side: AnswersSide, site: str, path: str, query: str, cookie: str | None, accept: str | None
) -> dict[str, Any]:
    """As `visits.visit` has it."""
    languages, urls = native(side, site)
    language = languages.of(path, cookie, accept)
    pages = urls(language.code)
    told: dict[str, Any] = {
        "seen": json.dumps({"language": language.code}),
        "status": 200,
        "location": None,
        "vary": vary_on(None, "Accept-Language") if language.varies else None,
        "content-language": language.content_language,
        "set-cookie": None,
    }
    found = pages.resolve(path)
    if found is not None and found.node.name != "set_language":
        return told
    if found is not None:
        return {**told, "seen": None, "status": 302, "location": "/"}
    full_path = Visit(path, query.encode(), "GET", "http", "example.org").full_path
    location = languages.prefixed(
        language, path, full_path, lambda path: pages.resolve(path) is not None
    )
    if location is None:
        return {**told, "seen": None, "status": 404}
    varies = vary_on(None, *REDIRECT_VARIES_ON)
    redirect = {"seen": None, "status": 302, "location": location, "vary": varies}
    return {**told, **redirect, "content-language": None}


def test_what_is_looked_at_first() -> None:
    languages = Languages(LanguageSettings(negotiated=True))
    assert languages.of("/de/", "fr", "it").code == "fr"
    assert languages.of("/de/", "klingon", "x, it;q=0.2, nl;q=0.1").code == "it"
    assert languages.of("/", None, "*, it;q=0.2").code == "en"
    assert languages.of("/", None, None).varies


@fewer
@given(
    field=st.none() | st.text("aB,* \tC", max_size=12).map(str.strip),
    names=st.lists(
        st.sampled_from(["Cookie", "Accept-Language", "a", "*"]), max_size=3, unique=True
    ),
)
def test_vary(languages_side: AnswersSide, field: str | None, names: list[str]) -> None:
    assert vary_on(field, *names) == languages_side.ask("vary", field=field, names=names)
