"""The rules of routing.yaml held against the URL patterns of the legacy site.

In Django the first pattern that matches answers, here the most specific rule does. What is found is
where that makes a difference, and what one side has and the other does not know.

Overlaps are decided for all paths at once (`territory.py`), not by samples. Patterns with
look-aheads, back-references and the like are taken for larger ones, and so are patterns in several
languages at once; a path is reported only if the manifest's own patterns, asked one after the other
as Django does (`Urls.resolve`, in the project's LANGUAGE_CODE), confirm it. So what is reported is
true, and in those rare patterns something may be missed. Methods are not in a URLconf: a rule that
is for some methods counts for its paths.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from legacy_bridge.django.reversing import Urls
from legacy_bridge.manifest.model import Manifest
from legacy_bridge.manifest.urls import LegacyUrl
from proxy.routing.automaton import Piece, automaton_of
from proxy.routing.placement import METHODS, Placed, Placement, nearest_rule, regex_piece
from proxy.routing.rules import Rule
from proxy.routing.table import RoutingTable
from proxy.routing.territory import Area

NativeUrls = Mapping[str, Iterable[str]]
"""For each domain the regexes of what it answers itself, of paths without their first slash."""

UNLIKELY = b"/~~~"
"""A segment that no rule has."""


@dataclass(frozen=True, slots=True)
class Unowned:
    """A legacy pattern that no rule takes, or not wholly: `path` is one that is left over."""

    url: LegacyUrl
    path: str
    partly: bool


@dataclass(frozen=True, slots=True)
class Warned:
    """Something about a rule that its author will not have meant.

    `kind` is `never` (it cannot win), `unmatched` (no URL is like that), `order` (Django answers
    with an earlier pattern of another domain), `other-app` (it takes another domain's views),
    `retired` or `unknown` (it takes what the legacy site alone has, see `passed_on.py`).
    """

    rule: Rule
    kind: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """What came out. `patterns` are the legacy ones, in Django's order."""

    patterns: tuple[Placed, ...]
    unowned: tuple[Unowned, ...]
    warnings: tuple[Warned, ...]


def coverage(table: RoutingTable, manifest: Manifest, native: NativeUrls) -> Coverage:
    """Hold the rules against a manifest, and against what the native side answers."""
    comparison = _Comparison(table, manifest, native)
    found = [
        *never_winning(table),
        *comparison.unmatched(),
        *comparison.wrong_order(),
        *comparison.other_apps(),
    ]
    return Coverage(
        patterns=comparison.patterns,
        unowned=tuple(comparison.unowned()),
        warnings=tuple(sorted(found, key=lambda each: (each.rule.line, each.kind))),
    )


def never_winning(table: RoutingTable) -> Iterator[Warned]:
    """Rules that lose every path to rules for the same paths that together have all of their
    methods. Needs no manifest."""
    for rule in table.rules:
        paths = [rule.literal]
        if not rule.exact:
            paths = [rule.literal + b"/", rule.literal + UNLIKELY]
        asked = [(method, path) for path in paths for method in rule.methods or METHODS]
        winners = {table.match(method, path).rule for method, path in asked}
        if rule not in winners:
            lines = sorted(each.line for each in winners if each)
            yield Warned(
                rule,
                "never",
                f"can never win: line {', '.join(map(str, lines))} takes all that it is for",
                "remove it",
            )


class _Comparison:
    """`patterns` are all legacy ones, in Django's order."""

    def __init__(self, table: RoutingTable, manifest: Manifest, native: NativeUrls) -> None:
        self._table = table
        self._settings = manifest.settings
        self._native = native
        self._urls = Urls(manifest)
        self._placement = Placement(table, manifest)
        self._ordered: set[tuple[Rule, str]] = set()
        self.patterns = self._placement.patterns

    def unowned(self) -> Iterator[Unowned]:
        """Legacy patterns without a domain, wholly or partly."""
        for each in self.patterns:
            left = [area for area, rules in each.rules.items() if not rules]
            if not left:
                continue
            path = each.paths[left[0]]
            partly = len(left) < len(each.rules)
            if not partly or self._answering(path) is each:
                yield Unowned(each.url, path, partly)

    def unmatched(self) -> Iterator[Warned]:
        """Rules that no URL is for."""
        winning = {
            rule for each in self.patterns for rules in each.rules.values() for rule in rules
        }
        paths = {path for each in self.patterns for path in each.paths.values()}
        for rule in self._table.rules:
            if rule in winning or self._is_native(rule) or self._is_file(rule):
                continue
            if any(rule.covers(path.encode("ascii")) for path in paths):
                yield Warned(
                    rule,
                    "never",
                    "never wins: each legacy URL that it is for has a more specific rule",
                    "remove it, unless it is for URLs that are still to come",
                )
            elif not self._is_redirected(rule, paths):
                yield Warned(
                    rule,
                    "unmatched",
                    f"no URL pattern of the legacy site is like that, and none of {rule.domain}",
                    "correct the path or remove the rule; keep it where middleware alone answers, "
                    "as it does flat pages and redirects",
                )

    def wrong_order(self) -> Iterator[Warned]:
        """Paths that Django answers with an earlier pattern of another domain, where the domain
        that has them here would answer with a later one of its own."""
        for area, here in self._by_area().items():
            rules = here[0].rules[area]
            for rule in sorted(rules, key=lambda each: each.line):
                for app, shadowed in self._shadowed(area, rule.domain, here).items():
                    self._ordered.add((rule, app))
                    yield _order_warning(rule, app, shadowed)

    def other_apps(self) -> Iterator[Warned]:
        """Rules that take views of an app which is a domain of its own, where no order that
        Django has them in was warned of already."""
        taken: dict[tuple[Rule, str], list[tuple[Placed, str]]] = {}
        for each in self.patterns:
            for area, rules in each.rules.items():
                for rule in rules:
                    if each.home not in (None, rule.domain):
                        path = each.paths[area]
                        if self._placement.has_domain(each.url.app) and (
                            self._answering(path) is each
                        ):
                            taken.setdefault((rule, str(each.home)), []).append((each, path))
        for (rule, app), found in taken.items():
            if (rule, app) not in self._ordered:
                yield _other_app_warning(rule, app, found)

    def _by_area(self) -> dict[Area, list[Placed]]:
        """Parts that some rule takes, and the patterns there, in Django's order."""
        grouped: dict[Area, list[Placed]] = {}
        for each in self.patterns:
            for area, rules in each.rules.items():
                if rules:
                    grouped.setdefault(area, []).append(each)
        return grouped

    def _shadowed(
        self, area: Area, domain: str, here: Sequence[Placed]
    ) -> dict[str, list["_Shadow"]]:
        """By the app that answers in Django."""
        found: dict[str, list[_Shadow]] = {}
        for later, own in enumerate(here):
            if own.home != domain:
                continue
            for earlier in here[:later]:
                if earlier.home == domain:
                    continue
                shadow = self._shadow(area, earlier, own)
                if shadow and shadow.answers.home != domain:
                    found.setdefault(shadow.answers.url.app or "", []).append(shadow)
        return found

    def _shadow(self, area: Area, earlier: Placed, own: Placed) -> "_Shadow | None":
        """A path of both patterns, and the pattern that answers it in Django."""
        territory = self._placement.territory
        both = next(territory.reached(earlier.automaton, own.automaton, area=area), None)
        answers = self._answering(both.path) if both else None
        return _Shadow(both.path, answers, own) if both and answers else None

    def _answering(self, path: str) -> Placed | None:
        found = self._urls.resolve(unquote(path))
        return self._placement.of_line(found.node) if found else None

    def _is_native(self, rule: Rule) -> bool:
        territory = self._placement.territory
        for regex in self._native.get(rule.domain, ()):
            own = automaton_of([Piece(literals=["/"]), regex_piece("^" + regex, is_last=True)])
            if any(rule.covers(each.path.encode("ascii")) for each in territory.reached(own)):
                return True
        return False

    def _is_file(self, rule: Rule) -> bool:
        """Static and uploaded files are often served before Django.

        A MEDIA_URL that nobody has set is `/` in Django, which tells nothing.
        """
        roots = (self._settings.get("STATIC_URL"), self._settings.get("MEDIA_URL"))
        path = rule.literal.decode("ascii") + "/"
        return any(root and len(root) > 1 and path.startswith(root) for root in roots)

    def _is_redirected(self, rule: Rule, paths: Iterable[str]) -> bool:
        """Whether APPEND_SLASH answers: the path is that of a pattern but for its last slash."""
        appends = self._settings.get("APPEND_SLASH", True)
        return appends and rule.exact and f"{rule.path}/" in paths


@dataclass(frozen=True, slots=True)
class _Shadow:
    """A path that `answers` takes in Django before `own` can."""

    path: str
    answers: Placed
    own: Placed


def _order_warning(rule: Rule, app: str, shadows: Sequence[_Shadow]) -> Warned:
    first = shadows[0]
    answers = {id(each.answers): each.answers for each in shadows}
    more = f" (and {len(answers) - 1} more patterns)" if len(answers) > 1 else ""
    return Warned(
        rule,
        "order",
        f"takes {first.path} for {rule.domain}, where Django answers with "
        f"{first.answers.url.shown}{more} of {app or 'the project itself'}, which comes before "
        f"{first.own.url.shown} in the URLconf",
        _order_remedy(rule, first),
    )


def _order_remedy(rule: Rule, shadow: _Shadow) -> str:
    """Either the rule cuts something out of an earlier pattern, or an earlier one lies within."""
    narrowest = nearest_rule(shadow.answers.automaton)
    if len(narrowest) < len(rule.path):
        return f"remove it: Django never shows {shadow.own.url.shown} there"
    return (
        "give these paths a rule in the domain that answers them, or pin them: "
        f"{{path: {narrowest}, pin: legacy}}"
    )


def _other_app_warning(rule: Rule, app: str, found: Sequence[tuple[Placed, str]]) -> Warned:
    first, path = found[0]
    more = f" and {len(found) - 1} more patterns" if len(found) > 1 else ""
    return Warned(
        rule,
        "other-app",
        f"takes {path} for {rule.domain}, but {first.url.shown}{more} is of {app}, which is a "
        "domain as well",
        f"give {app} a more specific rule for it",
    )
