"""Each URL pattern of the legacy site on the territory of the rules: which rules take its paths."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from legacy_bridge.django.url_patterns import language_prefix, regex_of_path
from legacy_bridge.manifest.model import Manifest, UrlNode
from legacy_bridge.manifest.urls import LegacyUrl, languages_of, legacy_urls
from proxy.routing.automaton import Automaton, Piece, automaton_of
from proxy.routing.patterns import PREFIX_MARK, problems
from proxy.routing.rules import Rule
from proxy.routing.table import RoutingTable
from proxy.routing.territory import Area, Territory

UNQUOTED = "/!$&'()*+,;=~:@"
"""What a path has as it is. A star cannot be in a rule, so none is written for such a segment."""
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE")


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A legacy pattern. `paths` has one of its paths for each part of the territory that it
    reaches, `rules` the rules there; `home` is the domain that its view belongs to, if any."""

    url: LegacyUrl
    automaton: Automaton
    paths: Mapping[Area, str]
    rules: Mapping[Area, frozenset[Rule]]
    home: str | None


def nearest_rule(automaton: Automaton) -> str:
    """The path of the narrowest rule that takes all paths of a pattern: exact where there is only
    one, else what they begin with, to the last whole segment, and `/**`."""
    text, following = automaton.literal()
    exact = quote(text, safe=UNQUOTED)
    if not following and not problems(exact):
        return exact
    if set(following) - {"/"}:
        text = text.rpartition("/")[0]
    segments = quote(text, safe=UNQUOTED).rstrip("/")
    while problems(segments + PREFIX_MARK):
        segments = segments.rpartition("/")[0]
    return segments + PREFIX_MARK


class Placement:
    """All legacy patterns, in Django's order."""

    def __init__(self, table: RoutingTable, manifest: Manifest) -> None:
        self._table = table
        self._rank = {rule: rank for rank, rule in enumerate(table.rules)}
        self._domains = {rule.domain for rule in table.rules}
        self._rules: dict[Area, frozenset[Rule]] = {}
        self._manifest = manifest
        self.territory = Territory(table.rules)
        self.patterns = tuple(self._placed(url) for url in legacy_urls(manifest))
        self._by_leaf = {id(each.url.leaf): each for each in self.patterns}

    def of_line(self, leaf: UrlNode) -> Placed:
        """The pattern whose view this line names."""
        return self._by_leaf[id(leaf)]

    def has_domain(self, app: str | None) -> bool:
        """Whether routing.yaml has a domain with rules of the name of this app."""
        return app in self._domains

    def rules_at(self, area: Area, path: str) -> frozenset[Rule]:
        """The rules that take a path, and with it all of its part, by one method or another."""
        if area not in self._rules:
            raw = path.encode("ascii")
            found = (self._table.match(method, raw).rule for method in METHODS)
            self._rules[area] = frozenset(rule for rule in found if rule)
        return self._rules[area]

    def _placed(self, url: LegacyUrl) -> Placed:
        automaton = automaton_of_lines(url.lines, self._manifest)
        paths = {found.area: found.path for found in self.territory.reached(automaton)}
        rules = {area: self.rules_at(area, path) for area, path in paths.items()}
        return Placed(url, automaton, paths, rules, self._home(url, rules))

    def _home(self, url: LegacyUrl, rules: Mapping[Area, frozenset[Rule]]) -> str | None:
        """The domain of the app's name; else that of the least specific rule which takes some of
        its paths, as more specific ones cut something out; none where some paths have no rule."""
        if self.has_domain(url.app):
            return url.app
        if not all(rules.values()):
            return None
        everything = frozenset[Rule]().union(*rules.values())
        last = max(everything, key=lambda rule: self._rank[rule], default=None)
        return last.domain if last else None


def automaton_of_lines(
    lines: Sequence[UrlNode], manifest: Manifest, languages: Sequence[str] = ()
) -> Automaton:
    """For the paths of a pattern, in these languages or in all that the project has."""
    codes = languages or languages_of(manifest)
    return automaton_of([Piece(literals=["/"]), *(_piece(each, manifest, codes) for each in lines)])


def _piece(line: UrlNode, manifest: Manifest, languages: Sequence[str]) -> Piece:
    if line.kind == "language":
        default = manifest.settings.get("LANGUAGE_CODE", "en-us")
        return Piece(literals=[language_prefix(line, code, default) for code in languages])
    wordings = (line.translations.get(code, line.source) for code in languages)
    sources = list(dict.fromkeys(wordings))
    if line.kind == "path":
        described = {name: manifest.urls.converters[key] for name, key in line.converters.items()}
        return Piece(regexes=[regex_of_path(source, described) for source in sources])
    return regex_piece(*sources, is_last=line.patterns is None)


def regex_piece(*sources: str, is_last: bool) -> Piece:
    """Regexes as Django reads them: with a `$` at the very end the whole path must match, else
    they are found anywhere."""
    is_whole = is_last and all(source.endswith("$") for source in sources)
    return Piece(regexes=sources, searched=not is_whole, open_end=is_last and not is_whole)
