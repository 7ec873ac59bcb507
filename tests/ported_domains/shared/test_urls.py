"""The URL table against Django's own resolver."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import Resolver404
from django.urls import path as django_path
from django.urls import re_path as django_re_path
from django.urls.resolvers import RegexPattern, URLResolver
from hypothesis import given
from hypothesis import strategies as st

from ported_domains.shared.resolver import NoReverseMatchError, Urls
from ported_domains.shared.urls import Route, mount, mounted, path, re_path


async def _nobody() -> None:
    """A handler that is never called: these tests only look for its URL."""


# One line of a URLconf each: a function of its own makes it a Django view, a name tells them apart.
PATTERNS = (
    ("regex", r"^_health/?", "health"),
    ("path", "authenticated", "authenticated"),
    ("regex", r"downloads/latest/python2/?$", "latest_python2"),
    ("regex", r"downloads/latest/python3\.(?P<minor>\d+)/?$", "latest_python3x"),
    ("regex", r"downloads/latest/?$", "latest"),
    ("path", "downloads/release/<slug:release_slug>/", "release"),
    ("path", "downloads/<slug:slug>/", "os"),
    ("path", "downloads/", "landing"),
    ("path", "downloads/feed.rss", "feed"),
    ("regex", r"api/v2/downloads/os/(?P<pk>[^/.]+)\.(?P<format>[a-z0-9]+)/?$", "os-suffix"),
    ("regex", r"api/v2/downloads/os/(?P<pk>[^/.]+)/$", "os-detail"),
    ("path", "button/<int:pk>", "button"),
    ("path", "files/<str:name>/<path:rest>/", "files"),
    ("path", "<path:page>/", "page"),
)


def _ours() -> Urls:
    def route(kind: str, pattern: str, name: str) -> Route:
        make = re_path if kind == "regex" else path
        return make(pattern, _nobody, name=name)

    return Urls(handler.opt["url"] for handler in mount("", (route(*line) for line in PATTERNS)))


def _django() -> URLResolver:
    def view(request: object) -> None:
        raise AssertionError

    makers: Any = {"regex": django_re_path, "path": django_path}
    lines = [makers[kind](pattern, view, name=name) for kind, pattern, name in PATTERNS]
    return URLResolver(RegexPattern(r"^/"), lines)


URLS, DJANGO = _ours(), _django()
SEGMENTS = (
    *("downloads", "latest", "python2", "python3.9", "python3.", "release", "feed.rss", "source"),
    *("api", "v2", "os", "1", "1.json", "12", "button", "files", "_health", "_healthy", "", "é"),
    *("a b", "authenticated", "\n", "%FF", "٣", "9" * 5000),
)
PATHS = st.lists(st.sampled_from(SEGMENTS), max_size=6).map(lambda parts: "/" + "/".join(parts))


@given(PATHS | st.text(max_size=30).map(lambda text: f"/{text}"))
def test_means_what_django_means(tried: str) -> None:
    found = URLS.resolve(tried)
    ours = None if found is None else (found.endpoint.url.name, dict(found.arguments))
    try:
        match = DJANGO.resolve(tried)
    except Resolver404:
        assert ours is None
    else:
        assert ours == (match.url_name, match.kwargs)


DOWNLOADS = (
    re_path(r"latest/python3/?$", _nobody, name="latest"),
    re_path(r"latest/python3\.(?P<minor>\d+)/?$", _nobody, name="series"),
    re_path(r"latest/?$", _nobody, name="latest"),
    re_path(r"(?P<any>a|b)[cd]$", _nobody, name="beyond us"),
    path("release/<slug:slug>/", _nobody, name="release"),
    path("{curly}/<str:text>/", _nobody, name="curly"),
    path("", _nobody, name="landing"),
)
MOUNTED_TWICE = Urls(
    handler.opt["url"]
    for handler in (
        *mount("getit/", DOWNLOADS, namespace="getit", app_name="downloads"),
        *mount("downloads/", DOWNLOADS, namespace="download", app_name="downloads"),
        *mount("", (path("about/", _nobody, name="about"),)),
    )
)


@pytest.mark.parametrize(
    ("name", "current", "arguments", "expected"),
    [
        ("download:landing", "", {}, "/downloads/"),
        ("getit:landing", "", {}, "/getit/"),
        ("downloads:landing", "", {}, "/downloads/"),
        ("downloads:landing", "getit", {}, "/getit/"),
        ("downloads:landing", "elsewhere", {}, "/downloads/"),
        ("download:landing", "getit", {}, "/downloads/"),
        ("download:latest", "", {}, "/downloads/latest"),
        ("download:series", "", {"minor": 14}, "/downloads/latest/python3.14"),
        ("download:release", "", {"slug": "python-351"}, "/downloads/release/python-351/"),
        ("download:curly", "", {"text": "é%"}, "/downloads/%7Bcurly%7D/%C3%A9%25/"),
        ("about", "", {}, "/about/"),
    ],
)
def test_finds_the_path_of_a_name(
    name: str, current: str, arguments: dict[str, object], expected: str
) -> None:
    assert MOUNTED_TWICE.reverse(name, current, **arguments) == expected


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("landing", {}),
        ("download:nothing", {}),
        ("download:release", {}),
        ("download:release", {"slug": "a/b"}),
        ("download:series", {"minor": "x"}),
        ("download:beyond us", {"any": "a"}),
    ],
)
def test_says_when_a_name_leads_nowhere(name: str, arguments: dict[str, object]) -> None:
    with pytest.raises(NoReverseMatchError, match=name):
        MOUNTED_TWICE.reverse(name, "", **arguments)


@given(st.from_regex(r"[-a-zA-Z0-9_]+", fullmatch=True))
def test_a_reversed_path_leads_back(slug: str) -> None:
    found = MOUNTED_TWICE.resolve(MOUNTED_TWICE.reverse("download:release", "", slug=slug))
    assert found is not None
    assert (found.endpoint.url.view_name, found.arguments) == ("download:release", {"slug": slug})


def test_methods_of_one_pattern_may_have_different_handlers() -> None:
    both = (
        path("form/", _nobody, name="show"),
        path("form/", _nobody, name="save", methods=("POST",)),
    )
    found = Urls(handler.opt["url"] for handler in mount("", both)).resolve("/form/")
    assert found is not None
    assert found.endpoint.allowed == ("GET", "POST", "HEAD", "OPTIONS")
    keys = {method: found.endpoint.key_for(method) for method in ("GET", "HEAD", "POST", "PUT")}
    assert keys["GET"] == keys["HEAD"] != keys["POST"]
    assert keys["PUT"] is None


def test_a_handler_made_by_hand_is_refused() -> None:
    with pytest.raises(TypeError, match="was not made by mount"):
        mounted(SimpleNamespace(opt={}))
