"""A first routing.yaml from the manifest of a legacy project: a domain per Django app.

    1. name     each URL pattern's domain: the app of its view, or the project itself
    2. narrow   a rule for each: exact where it has one path, else its literal beginning and /**
    3. widen    one rule for an include() whose views are all of one domain
    4. settle   no rule twice, none that another of its domain makes needless
    5. write    with all domains in phase legacy

What stays with Django (the admin, static and uploaded files) gets no rule.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from legacy_bridge.manifest.model import Manifest, UrlNode
from legacy_bridge.manifest.urls import ADMIN, LegacyUrl, languages_of, legacy_urls
from proxy.routing.automaton import Automaton
from proxy.routing.patterns import PREFIX_MARK, problems
from proxy.routing.placement import UNQUOTED, automaton_of_lines, nearest_rule

FILE_VIEWS = ("django.views.static.serve", "django.contrib.staticfiles.views.serve")
FILES = "files"
STAYS = frozenset({ADMIN, "admindocs", FILES})
"""What is left to Django."""

TOO_MUCH = "only /** would take all of it"
MOST_LANGUAGES = 8
"""A rule is written for each language of a translated URL; more would bury the others."""


@dataclass(slots=True)
class FirstRule:
    """A rule, and the patterns that it is there for; `include` is the URLconf of all of them.

    `narrower`: it does not take all paths of its pattern, which only the rule for all paths would.
    """

    path: str
    urls: list[LegacyUrl]
    include: str | None = None
    narrower: bool = False

    @property
    def order(self) -> int:
        """Where Django comes to its first pattern."""
        return min(url.order for url in self.urls)

    def covers(self, path: str) -> bool:
        """Whether it takes all that a rule with this path takes."""
        if not self.path.endswith(PREFIX_MARK):
            return self.path == path
        inside = path.removesuffix(PREFIX_MARK) + "/"
        return inside.startswith(self.path.removesuffix(PREFIX_MARK) + "/")


@dataclass(slots=True)
class FirstDomain:
    """A domain to be. `left` are patterns without a rule, and why."""

    name: str
    app: str | None
    rules: list[FirstRule] = field(default_factory=list)
    left: list[tuple[LegacyUrl, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FirstRouting:
    """What is to be written. `stays` counts the patterns left to Django, by app or as files;
    `languages_left` the languages that have no rules though there are translated URLs."""

    domains: tuple[FirstDomain, ...]
    stays: Mapping[str, int]
    languages_left: int


def first_routing(manifest: Manifest) -> FirstRouting:
    """Decide on domains and rules. The order is that of the URLconf."""
    codes = languages_of(manifest)
    views = [_View(url, _home(url, manifest)) for url in legacy_urls(manifest)]
    site = _Site(manifest, views, codes[:MOST_LANGUAGES])
    translated = any(_is_translated(line) for view in views for line in view.url.lines)
    domains = [site.domain(name) for name in dict.fromkeys(v.home for v in views if not v.stays)]
    _part(domains)
    return FirstRouting(
        tuple(domains),
        Counter(view.home for view in views if view.stays),
        len(codes[MOST_LANGUAGES:]) if translated else 0,
    )


@dataclass(frozen=True, slots=True)
class _View:
    """A pattern, and the name of its domain to be, or what of Django's keeps it."""

    url: LegacyUrl
    home: str

    @property
    def stays(self) -> bool:
        return self.home in STAYS


def _home(url: LegacyUrl, manifest: Manifest) -> str:
    """The app's label; of views of no app the namespace that they are in, else the project."""
    if url.leaf.view in FILE_VIEWS:
        return FILES
    spaces = (line.app_name for line in reversed(url.lines) if line.app_name)
    label = url.app or next(spaces, None) or manifest.urls.urlconf.partition(".")[0]
    name = re.sub(r"[^a-z0-9_]", "_", label.lower())
    return name if name[:1].isalpha() else f"app_{name}"


def _is_translated(line: UrlNode) -> bool:
    return line.kind == "language" or bool(line.translations)


class _Site:
    """All patterns, each with its narrowest rules."""

    def __init__(
        self, manifest: Manifest, views: Sequence[_View], languages: Sequence[str]
    ) -> None:
        self._manifest = manifest
        self._languages = languages
        self._apps = {app.label.lower(): app.name for app in manifest.apps}
        self._views = views
        self._rules = [(view, rule) for view in views for rule in self._narrowed(view)]
        self._included = self._include_rules()

    def domain(self, name: str) -> FirstDomain:
        """The rules of one domain, the widest that take nothing of another's."""
        rules = [rule for view, rule in self._rules if view.home == name]
        settled = _settled([*self._included.get(name, ()), *rules])
        taken = {id(url) for rule in settled for url in rule.urls}
        own = (view.url for view in self._views if view.home == name)
        left = [(url, TOO_MUCH) for url in own if id(url) not in taken]
        return FirstDomain(name, self._apps.get(name), self._widened(name, settled), left)

    def _narrowed(self, view: _View) -> Iterator[FirstRule]:
        for automaton in self._automata(view.url.lines):
            path = nearest_rule(automaton)
            if path != PREFIX_MARK:
                yield FirstRule(path, [view.url])
                continue
            # `^_health` without an end takes `/_healthy`, too; nobody means that.
            narrower = _below(automaton.literal()[0])
            if narrower:
                yield FirstRule(narrower, [view.url], narrower=True)

    def _automata(self, lines: Sequence[UrlNode]) -> Iterator[Automaton]:
        """One for each language in which the paths differ."""
        differs = any(map(_is_translated, lines))
        for code in self._languages if differs else self._languages[:1]:
            yield automaton_of_lines(lines, self._manifest, [code])

    def _include_rules(self) -> dict[str, list[FirstRule]]:
        """By domain, a rule for each `include()` whose views are all of that domain, if no include
        of another domain begins likewise. Views of others inside have more specific rules."""
        found: dict[str, list[tuple[str, FirstRule]]] = {}
        for lines, views in self._includes():
            homes = {view.home for view in views}
            for automaton in self._automata(lines):
                path = _below(automaton.literal()[0])
                if path and len(homes) == 1:
                    rule = FirstRule(path, [view.url for view in views], lines[-1].include)
                    found.setdefault(path, []).append((views[0].home, rule))
        rules: dict[str, list[FirstRule]] = {}
        for wanted in found.values():
            if len({home for home, _ in wanted}) == 1:
                rules.setdefault(wanted[0][0], []).extend(rule for _, rule in wanted)
        return rules

    def _includes(self) -> Iterator[tuple[tuple[UrlNode, ...], list[_View]]]:
        """Each `include()` with the lines around it, and the views in it."""
        found: dict[tuple[int, ...], tuple[tuple[UrlNode, ...], list[_View]]] = {}
        for view in self._views:
            for depth in range(1, len(view.url.lines)):
                lines = view.url.lines[:depth]
                key = tuple(map(id, lines))
                found.setdefault(key, (lines, []))[1].append(view)
        yield from found.values()

    def _widened(self, name: str, rules: list[FirstRule]) -> list[FirstRule]:
        """Two or more rules below one beginning become one, where all there is of this domain."""
        widened = []
        for rule in rules:
            segments = rule.path.removesuffix(PREFIX_MARK).strip("/").split("/")
            for depth in range(1, len(segments)):
                wide = FirstRule("/" + "/".join(segments[:depth]) + PREFIX_MARK, [])
                inside = [each for each in rules if wide.covers(each.path)]
                if len(inside) > 1 and self._is_pure(name, wide):
                    wide.urls.extend(url for each in inside for url in each.urls)
                    widened.append(wide)
                    break
            else:
                widened.append(rule)
        return _settled(widened)

    def _is_pure(self, name: str, wide: FirstRule) -> bool:
        return all(view.home == name for view, rule in self._rules if wide.covers(rule.path))


def _part(domains: Sequence[FirstDomain]) -> None:
    """Of equal rules of several domains leave the one whose views Django asks first."""
    wanting: dict[str, list[tuple[FirstDomain, FirstRule]]] = {}
    for domain in domains:
        for rule in domain.rules:
            wanting.setdefault(rule.path, []).append((domain, rule))
    for path, wanted in wanting.items():
        (owner, _), *others = sorted(wanted, key=lambda each: each[1].order)
        for domain, rule in others:
            domain.rules.remove(rule)
            domain.left += [(url, f"{path} is a rule of {owner.name} already") for url in rule.urls]


def _below(text: str) -> str | None:
    """The rule for all below a path; None where that would be everything."""
    segments = quote(text.rstrip("/"), safe=UNQUOTED)
    path = segments + PREFIX_MARK
    return path if segments and not problems(path) else None


def _settled(rules: Sequence[FirstRule]) -> list[FirstRule]:
    """Those that no other one covers, with the patterns of those that they cover, in order."""
    kept: list[FirstRule] = []
    for rule in rules:
        wider = next((each for each in kept if each.covers(rule.path)), None)
        if wider is None:
            covered = [each for each in kept if rule.covers(each.path)]
            urls = _distinct([*(url for each in covered for url in each.urls), *rule.urls])
            kept = [each for each in kept if each not in covered]
            kept.append(replace(rule, urls=urls))
        else:
            wider.urls = _distinct([*wider.urls, *rule.urls])
    return sorted(kept, key=lambda rule: rule.order)


def _distinct(urls: Sequence[LegacyUrl]) -> list[LegacyUrl]:
    return list({id(url): url for url in urls}.values())
