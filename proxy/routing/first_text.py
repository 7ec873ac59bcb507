"""The first routing.yaml as text, with comments that say what each rule is there for."""

import re
from collections.abc import Iterator

from legacy_bridge.manifest.model import Manifest
from legacy_bridge.manifest.urls import LegacyUrl
from proxy.routing.first import FILES, FirstDomain, FirstRouting, FirstRule

LONGEST_COMMENT = 70
FARTHEST = 44
"""Column at which comments stand, unless the rule is longer."""

_PLAIN = re.compile(r"[A-Za-z0-9/._~*%-]+")
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
"""What YAML readers, old or new, take for something else than a text."""

_HEAD = """\
# Who answers what. Written by `strangler init`: a domain for each app that has views, from
#   {urlconf} (Django {django}, manifest of {made:%Y-%m-%d})
#
# Every domain is in phase legacy, so Django answers all of it, as before. Port a domain, then
# change its phase. An edit takes effect within a second of saving; a file with a fault changes
# nothing. The most specific rule wins; what no rule takes goes to Django.
#
#   strangler routes check              faults, and what differs from Django's own URLs
#   strangler routes explain GET /      who answers, and which rule says so
"""


def text_of(routing: FirstRouting, manifest: Manifest) -> str:
    """The whole file."""
    urls = manifest.urls.urlconf
    lines = [_HEAD.format(urlconf=urls, django=manifest.django, made=manifest.made).rstrip()]
    lines += _kept(routing)
    lines += ["version: 1", "", "domains:" if routing.domains else "domains: {}"]
    for domain in routing.domains:
        lines += _domain(domain)
    return "\n".join(lines) + "\n"


def _kept(routing: FirstRouting) -> Iterator[str]:
    """What is not in the file, and why."""
    yield "#"
    if routing.stays:
        yield "# Without a rule, and so always Django's:"
        for name, number in routing.stays.items():
            what = "uploaded or static files" if name == FILES else f"the app {name}"
            yield f"#   {what} ({_views(number)})"
    else:
        yield "# Static files have no rule, and so are always served as before."
    if routing.languages_left:
        yield "#"
        yield (
            f"# LANGUAGES has {routing.languages_left} languages more than have rules here: add "
            "those that the site is in."
        )


def _domain(domain: FirstDomain) -> Iterator[str]:
    name = f'"{domain.name}"' if domain.name in _WORDS else domain.name
    yield _commented(f"  {name}:", domain.app or "views that are of no installed app")
    yield "    phase: legacy"
    rules = [(f"      - {_scalar(rule.path)}", _purpose(rule)) for rule in domain.rules]
    yield "    routes:" if rules else "    routes: []"
    for written, purpose in rules:
        yield _commented(written, purpose)
    for url, reason in domain.left:
        yield f"      # no rule for {_one_line(_shown(url))}: {reason}"


def _scalar(path: str) -> str:
    return path if _PLAIN.fullmatch(path) else f'"{path}"'


def _commented(written: str, comment: str) -> str:
    return f"{written:<{FARTHEST - 1}} # {_one_line(comment)}"


def _purpose(rule: FirstRule) -> str:
    """What the rule takes: a URLconf, or a view, or several."""
    if rule.include:
        return f"{rule.include}: {_views(len(rule.urls))}"
    if len(rule.urls) > 1:
        return f"{_views(len(rule.urls))}, such as {_shown(rule.urls[0])}"
    narrower = ", whose regex has no end" if rule.narrower else ""
    return f"{_shown(rule.urls[0])}{narrower}"


def _shown(url: LegacyUrl) -> str:
    return f"{url.shown} ({url.name})" if url.name else url.shown


def _views(number: int) -> str:
    return "1 view" if number == 1 else f"{number} views"


def _one_line(text: str) -> str:
    """Fit for a comment: printable, on one line, not too long."""
    line = "".join(each if each.isprintable() else "?" for each in " ".join(text.split()))
    return line if len(line) <= LONGEST_COMMENT else line[: LONGEST_COMMENT - 1] + "…"
