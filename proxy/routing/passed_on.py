"""Which URL patterns of the legacy site lie below rules of ported domains and have no native page:
what a rule passes on, or, where its domain is retired, what nobody answers.

Each pattern is judged by one path in each part of the territory, so that one is missed of which the
native side has that path and lacks others.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from proxy.ownership.phases import Phase
from proxy.routing.coverage import Warned
from proxy.routing.explain import Note
from proxy.routing.legacy_pages import LegacyPage
from proxy.routing.placement import UNQUOTED, Placed
from proxy.routing.rules import Rule
from proxy.routing.table import Match, RoutingTable

SHOWN = 5
"""Apps that a text names."""

REMEDY = "give them to a domain in phase legacy"


@dataclass(frozen=True, slots=True)
class PassedOn:
    """What the legacy site alone has below a rule, each with one path; `retired`: for nobody."""

    rule: Rule
    pages: Mapping[LegacyPage, str]
    retired: bool

    def of_others(self) -> "PassedOn":
        """Without what the app of the domain's own name has."""
        own = self.rule.domain
        return replace(self, pages={page: at for page, at in self.pages.items() if page.app != own})

    @property
    def shown(self) -> str:
        """`/admin/ and 427 more of admin, /users/edit/ of users, /media/`."""
        number = Counter(page.app for page in self.pages)
        first: dict[str | None, str] = {}
        for page, path in self.pages.items():
            first.setdefault(page.app, path)
        texts = [
            first[app]
            + (f" and {count - 1} more" if count > 1 else "")
            + (f" of {app}" if app else "")
            for app, count in number.most_common(SHOWN)
        ]
        left = len(number) - len(texts)
        return ", ".join(texts) + (f", and what {left} more apps have" if left else "")


def passed_on(
    table: RoutingTable, patterns: Sequence[Placed], able: Collection[str]
) -> Iterator[PassedOn]:
    """For each rule of the domains that are `able` to answer natively, in the order of the file.
    `patterns` are those of the manifest whose pages the table knows."""
    found: dict[tuple[Rule, bool], dict[LegacyPage, str]] = {}
    for path in _paths(table, patterns):
        for match in _matches(table, path):
            if match.legacy_page and match.rule and match.rule.domain in able:
                pages = found.setdefault((match.rule, not match.passed_on), {})
                pages.setdefault(match.legacy_page, path)
    for (rule, retired), pages in sorted(found.items(), key=lambda each: each[0][0].line):
        yield PassedOn(rule, pages, retired)


def _paths(table: RoutingTable, patterns: Sequence[Placed]) -> Iterator[str]:
    for pattern in patterns:
        yield from pattern.paths.values()
    if table.legacy_pages is not None:
        yield from (quote(root, safe=UNQUOTED) for root in table.legacy_pages.files)


def _matches(table: RoutingTable, path: str) -> set[Match]:
    """Of safe and other methods."""
    raw = path.encode("ascii")
    return {table.match(method, raw) for method in ("GET", "POST")}


def notes_of(found: Sequence[PassedOn]) -> Iterator[Note]:
    for each in found:
        if not each.retired:
            yield Note(
                each.rule.line,
                f"{each.rule.path} leaves to the legacy side, in every phase, what has no native "
                f"page, or one of a domain that is not named here: {each.shown}",
            )


def warnings_of(found: Sequence[PassedOn]) -> Iterator[Warned]:
    for each in found:
        if each.retired:
            yield Warned(
                each.rule,
                "retired",
                "takes what the legacy site alone has, and what is retired passes nothing on: "
                f"{each.shown}",
                REMEDY,
            )


def unnamed(table: RoutingTable, able: Collection[str]) -> Iterator[Note]:
    """Domains that could answer natively what `/**` takes, and are the legacy side's."""
    last = table.last_word
    missing = sorted(set(able) - table.domains)
    if missing and last.rule and not last.pinned and last.wanted is not Phase.LEGACY:
        yield Note(
            last.rule.line,
            f"{last.rule.path} leaves to the legacy side the pages of domains that are not named "
            f"here: {', '.join(missing)}",
        )


def unknown(table: RoutingTable, able: Collection[str]) -> Iterator[Warned]:
    """Without a manifest: the rule `/**` of a ported domain takes more than anybody knows of."""
    last = table.last_word
    if last.rule and not last.pinned and last.domain in able and last.wanted is not Phase.LEGACY:
        yield Warned(
            last.rule,
            "unknown",
            "takes what Django alone has pages for as well, and without a manifest that is a "
            "native 404",
            "set STRANGLER_LEGACY_MANIFEST, or give these paths to a domain in phase legacy",
        )
