"""URLs from a manifest beside Django's own `reverse` and `resolve`: the same, or both refuse."""

import json
import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from legacy_bridge.django.regex_forms import NotReversibleError, Slot, forms
from legacy_bridge.django.reversing import NoReverseMatchError, Urls
from legacy_bridge.django.url_patterns import UnknownConverterError
from legacy_bridge.manifest.model import Manifest
from legacy_bridge.manifest.urls import legacy_urls
from tests.legacy_bridge.django.django_side import RefusedError
from tests.legacy_bridge.django.vectors import VECTORS
from tests.legacy_bridge.manifest.exporting import BUNDLED, ODD
from tests.legacy_bridge.manifest.odd_site.converters import GIVEN
from tests.legacy_bridge.manifest.urls_side import UrlsSide
from tests.longer import shorter

LANGUAGES = ("en", "de", "pt-br")


class Project:
    """A project on both sides."""

    def __init__(self, manifest: Manifest, side: UrlsSide, languages: tuple[str, ...]) -> None:
        self.manifest = manifest
        self.side = side
        self.languages = languages
        self.urls = {
            (language, script_name): Urls(
                manifest, GIVEN, language=language, script_name=script_name
            )
            for language in languages
            for script_name in ("/", "/below/%/")
        }
        self.names = sorted({url.name for url in legacy_urls(manifest) if url.name})
        self.withheld = {
            name for url in legacy_urls(manifest) for line in url.lines for name in line.withheld
        }

    def both(
        self,
        name: str,
        args: list[Any],
        kwargs: dict[str, Any],
        current_app: str | None = None,
        language: str | None = None,
        script_name: str = "/",
    ) -> tuple[str | None, str | None]:
        """Our URL and Django's; None where it is refused."""
        language = language or self.languages[0]
        urls = self.urls[language, script_name]
        sent = {
            "name": name,
            "args": [_sent(each) for each in args],
            "kwargs": {key: _sent(each) for key, each in kwargs.items()},
            "current_app": current_app,
            "language": language,
            "script_name": script_name,
        }
        try:
            ours = urls.reverse(name, current_app, *args, **kwargs)
        except (NoReverseMatchError, UnicodeEncodeError):
            ours = None
        try:
            return ours, self.side.ask("reverse", **sent)
        except RefusedError:
            return ours, None

    def both_resolved(self, path: str, language: str) -> tuple[Any, Any]:
        """What a path means; arguments that are not in the manifest are left out."""
        theirs = self.side.ask("resolve", path=path, language=language)
        found = self.urls[language, "/"].resolve(path)
        ours = found and {
            "view_name": found.view_name,
            "args": [repr(each) for each in found.args],
            "kwargs": {name: repr(value) for name, value in found.kwargs.items()},
            "namespaces": list(found.namespaces),
            "app_names": list(found.app_names),
        }
        if theirs:
            for name in self.withheld:
                theirs["kwargs"].pop(name, None)
        return ours, theirs


def _sent(value: Any) -> Any:
    return [str(value)] if isinstance(value, UUID) else value


@pytest.fixture(scope="session")
def odd_project(odd: Manifest) -> Iterator[Project]:
    with UrlsSide(ODD) as side:
        yield Project(odd, side, LANGUAGES)


@pytest.fixture(scope="session")
def bundled_project(bundled: Manifest) -> Iterator[Project]:
    with UrlsSide(BUNDLED) as side:
        yield Project(bundled, side, ("en-us",))


PARAMETERS = ["a", "b", "f", "kind", "month", "n", "name", "owner", "pk", "s", "slug", "w", "year"]
ORDINARY = ["x", "ab", "a-b", "7", "12", "2024", "07", "0", "v1", "downloads/os", "a/b", "abcdef"]
STRANGE = ["", "a b", "é", "ab\n", "%", "a%20b", "//x", "?", "#", "(x)", "a.b", "no", "a:b", "~"]
TEXTS = st.sampled_from([*ORDINARY, *STRANGE, "日本", "\ud800"])
VALUES = st.one_of(
    TEXTS,
    st.integers(0, 10_000),
    st.sampled_from([UUID(int=0xA), None, -1, 1.5, True]),
    st.text(max_size=4),
)


def test_every_name_is_reversed_with_arguments_that_fit(
    odd_project: Project, bundled_project: Project
) -> None:
    """So that what follows is no comparison of refusals."""
    for project, unreversible in (
        (odd_project, {"percent", "percent_code", "alternative", "empty_group"}),
        (bundled_project, set[str]()),
    ):
        reversed_names = set()
        for name in project.names:
            for args in _tries():
                ours, theirs = project.both(name, args, {})
                assert ours == theirs, (name, args)
                if ours is not None:
                    reversed_names.add(name)
                    break
        assert set(project.names) - reversed_names == unreversible


def _tries() -> list[list[Any]]:
    singles = [
        "7",
        "1",
        "2024",
        "ab",
        8,
        UUID(int=0xA),
        "a",
        "12-ab",
        "12",
        "downloads",
        "v1",
        "downloads/os",
    ]
    choices: list[list[Any]] = [[], *([each] for each in singles), ["1", "1", "up"]]
    choices += [[one, other] for one in singles for other in singles]
    rng = random.Random(1)
    choices += [[rng.choice(singles) for _ in range(3)] for _ in range(300)]
    return choices


FAST = settings(
    max_examples=3 * VECTORS,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@FAST
@given(data=st.data())
def test_the_odd_urlconf_is_reversed_as_django_does(
    odd_project: Project, data: st.DataObject
) -> None:
    _compare_reversed(odd_project, data)


@FAST
@given(data=st.data())
def test_the_bundled_site_is_reversed_as_django_does(
    bundled_project: Project, data: st.DataObject
) -> None:
    _compare_reversed(bundled_project, data)


def _compare_reversed(project: Project, data: st.DataObject) -> None:
    names = st.sampled_from(project.names) | st.sampled_from(_namespaced(project.names))
    name = data.draw(names)
    args = data.draw(st.lists(VALUES, max_size=3))
    parameters = sorted(
        {
            group
            for url in legacy_urls(project.manifest)
            if url.name and url.name.split(":")[-1] == name.split(":")[-1]
            for line in url.lines
            for group in _groups(line.source)
        }
    )
    kwargs = data.draw(
        st.fixed_dictionaries(dict.fromkeys(parameters, VALUES))
        | st.dictionaries(st.sampled_from(parameters + PARAMETERS), VALUES, max_size=3)
    )
    if data.draw(st.booleans()):
        args = []
    else:
        kwargs = {}
    ours, theirs = project.both(
        name,
        args,
        kwargs,
        data.draw(st.sampled_from([None, "shop-b", "owned", "first", "nested", "bare:inner"])),
        data.draw(st.sampled_from(project.languages)),
        data.draw(st.sampled_from(["/", "/below/%/"])),
    )
    assert ours == theirs


def _groups(source: str) -> Iterator[str]:
    for part in source.split("<")[1:]:
        yield part.partition(">")[0].rpartition(":")[2]


def _namespaced(names: list[str]) -> list[str]:
    """Names of applications in the place of namespaces, and nonsense."""
    spaces = ["shop", "nested", "more", "nested:deep", "nothing", "bare:plain", ""]
    lasts = sorted({name.split(":")[-1] for name in names})
    return [f"{space}:{last}" for space in spaces for last in lasts]


@pytest.mark.parametrize(
    ("name", "current_app", "url"),
    [
        ("shop:basket", None, "/shop/"),
        ("shop:basket", "shop-b", "/shop-b/"),
        ("shop-b:basket", "shop", "/shop-b/"),
        ("nested:index", "local", "/in/"),
        ("nested:index", None, "/in/"),
        ("bare:inner:index", None, "/inner/"),
        ("bare:nested:index", None, "/inner/"),
        ("shop:more:item", "shop-b:again", None),
        ("nothing:basket", None, None),
        ("shop:nothing", None, None),
    ],
)
def test_instances_of_an_application(
    odd_project: Project, name: str, current_app: str | None, url: str | None
) -> None:
    assert odd_project.both(name, [], {}, current_app) == (url, url)


@pytest.mark.parametrize(
    ("name", "kwargs", "url"),
    [
        ("kind", {"kind": "a"}, "/kind/a/"),
        ("kind", {"kind": "b"}, "/kind/b/"),
        ("kind", {"kind": "c", "n": 3}, "/kind/3/"),
        ("kind", {}, None),
        ("kind", {"kind": "d"}, None),
        ("several", {"a": 1}, "/several/1/as-text/"),
        ("several", {"a": "one"}, "/several/one/as-text/"),
        ("several", {"a": 1, "b": "x"}, "/several/1/x/"),
        ("year", {"y": 7}, "/year/0007/"),
        ("even", {"n": 3}, None),
        ("leading", {"s": "x"}, "/%2Fleading/x/"),
        ("archive", {"year": "2024"}, "/re/2024/"),
        ("archive", {"year": "2024", "month": "07"}, "/re/2024-07/"),
        (
            "odd",
            {"s": "ü ?#%"},
            "/odd%20(x)%20%5By%5D%20%7Bz%7D%20+*.%3F%5E$%7C/%C3%BC%20%3F%23%25/",
        ),
        ("flagged", {"flag": True}, "/plain/again/y/"),
        ("percent", {}, None),
    ],
)
def test_particular_urls(
    odd_project: Project, name: str, kwargs: dict[str, Any], url: str | None
) -> None:
    assert odd_project.both(name, [], kwargs) == (url, url)


@pytest.mark.parametrize(
    ("language", "contact", "index"),
    [
        ("en", "/contact/5/", "/in/"),
        ("de", "/de/kontakt/5/", "/de/im/"),
        ("pt-br", "/pt-br/contact/5/", "/pt-br/in/"),
    ],
)
def test_languages(odd_project: Project, language: str, contact: str, index: str) -> None:
    assert odd_project.both("contact", [5], {}, None, language) == (contact, contact)
    assert odd_project.both("local:index", [], {}, None, language) == (index, index)


def test_a_withheld_argument_tells_nothing_apart(odd_project: Project) -> None:
    ours, theirs = odd_project.both("hook", [], {"token": "another", "level": 2})
    assert (ours, theirs) == ("/hook/", None)
    assert odd_project.both("hook", [], {}) == ("/hook/", "/hook/")


def test_both_kinds_of_arguments_are_refused(odd: Manifest) -> None:
    with pytest.raises(ValueError, match="not both"):
        Urls(odd).reverse("several", None, 1, a=2)


def test_a_refusal_names_what_was_tried(odd: Manifest) -> None:
    with pytest.raises(NoReverseMatchError, match=r"'year' with keywords \{'x': 1\}: .*\(year/"):
        Urls(odd, GIVEN).reverse("year", None, x=1)
    with pytest.raises(NoReverseMatchError, match="no URL has the name 'nowhere'"):
        Urls(odd).reverse("nowhere")
    with pytest.raises(NoReverseMatchError, match="'nowhere' is no namespace inside 'shop'"):
        Urls(odd).reverse("shop:nowhere:x")


def test_a_converter_of_the_project_must_be_given(odd: Manifest) -> None:
    with pytest.raises(UnknownConverterError, match=r"odd_site\.converters\.Year writes 7"):
        Urls(odd).reverse("year", None, 7)
    found = Urls(odd).resolve("/year/2024/")
    assert found is not None
    assert found.kwargs == {"y": "2024"}


def test_paths_are_resolved_as_django_does(odd_project: Project, bundled_project: Project) -> None:
    """All that can be reversed, and what a slip of the hand makes of it."""
    rng = random.Random(2)
    for project in (odd_project, bundled_project):
        found = 0
        for language in project.languages:
            for path in _paths(project, language, rng):
                ours, theirs = project.both_resolved(path, language)
                if theirs and "objects" in str(theirs["view_name"]):
                    continue  # its arguments are objects, which a manifest has as texts
                assert ours == theirs, path
                found += ours is not None
        assert found > len(project.names)


def _paths(project: Project, language: str, rng: random.Random) -> Iterator[str]:
    for name in project.names:
        for args in rng.sample(_tries(), shorter(60, 20)):
            try:
                path = unquote(project.urls[language, "/"].reverse(name, None, *args))
            except NoReverseMatchError:
                continue
            yield from (path, path + "\n", path + "x", path.rstrip("/"), "/de" + path)
            cut = rng.randrange(len(path))
            yield path[:cut] + rng.choice("/a7é-.") + path[cut + 1 :]
    yield from ("", "x", "//", "/kind/4/", "/even/3/", "/re/unanchored/7/", "/pin/", "/re/open/\n")


@given(text=st.text(alphabet="ab/-7é\n%", max_size=12))
@FAST
def test_any_path_is_resolved_as_django_does(odd_project: Project, text: str) -> None:
    ours, theirs = odd_project.both_resolved("/" + text, "en")
    assert ours == theirs


# Regexes by themselves


@pytest.mark.parametrize("regex", ["(?i)x", "(?a:x)", "a{,3}", "*"])
def test_what_cannot_be_reversed(regex: str) -> None:
    with pytest.raises(NotReversibleError):
        forms(regex)


def test_forms() -> None:
    first, second = forms(r"^posts/(?P<y>\d{4})(?:/page-(\d+))?/$")
    assert first.pieces == ("p", "o", "s", "t", "s", "/", Slot("y"), "/")
    assert second.params == ("y", "_0")
    assert second.filled({"y": "2024", "_0": "3"}) == "posts/2024/page-3/"
    assert json.dumps([each.literal for each in forms("a|b")]) == '[""]'
