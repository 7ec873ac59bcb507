"""Two bodies of one media type: each kind is compared in the form in which it is understood."""

from dataclasses import dataclass

from proxy.parity import html_body, json_body, xml_body
from proxy.parity.align import Budget
from proxy.parity.answer import ContentType
from proxy.parity.canon import Canon
from proxy.parity.config import Limits
from proxy.parity.finding import Findings
from proxy.parity.json_body import JsonComparison, UnreadableError
from proxy.parity.text_body import compare_octets, compare_text
from proxy.parity.tree import TreeComparison

TEXTS = frozenset({"application/javascript", "application/x-javascript", "application/x-ndjson"})


@dataclass(frozen=True, slots=True)
class Body:
    """Octets without content encoding, and what they are."""

    octets: bytes
    kind: ContentType

    @property
    def text(self) -> str:
        try:
            return self.octets.decode(self.kind.charset or "utf-8", "replace")
        except LookupError:
            return self.octets.decode("utf-8", "replace")

    def __str__(self) -> str:
        return f"{len(self.octets)} octets of {self.kind.media or 'no type'}"


def compare_bodies(
    control: Body, candidate: Body, limits: Limits, canon: Canon, findings: Findings
) -> None:
    """Both are known to differ in octets, and to be of one media type."""
    if not control.octets or not candidate.octets:
        sides = (str(body) if body.octets else None for body in (control, candidate))
        findings.one_sided("body", *sides)
        return
    try:
        _Comparison(control, candidate, limits, canon, findings).run(control.kind.media)
    except UnreadableError as error:
        findings.notes.append(f"{error}: the bodies were compared by hash only")
        compare_octets(control.octets, candidate.octets, findings)


class _Comparison:
    def __init__(
        self, control: Body, candidate: Body, limits: Limits, canon: Canon, findings: Findings
    ) -> None:
        self._control = control
        self._candidate = candidate
        self._limits = limits
        self._canon = canon
        self._findings = findings
        self._budget = Budget(limits.steps)

    def run(self, media: str) -> None:
        if media == "text/html":
            self._html()
        elif media == "application/json" or media.endswith("+json"):
            self._json()
        elif media.endswith(("/xml", "+xml")):
            self._xml()
        elif media.startswith("text/") or media in TEXTS:
            texts = self._control.text, self._candidate.text
            compare_text(*texts, self._canon, self._findings, self._budget)
        else:
            compare_octets(self._control.octets, self._candidate.octets, self._findings)

    def _html(self) -> None:
        one, other = (
            html_body.parse(body.octets, body.kind.charset, self._limits)
            for body in (self._control, self._candidate)
        )
        comparison = TreeComparison(self._canon, self._findings, self._budget, html_body.identity)
        comparison.compare(one, other, "html:/html")

    def _json(self) -> None:
        one, other = (
            json_body.parse(body.text, self._limits) for body in (self._control, self._candidate)
        )
        JsonComparison(self._canon, self._findings, self._budget).compare(one, other)

    def _xml(self) -> None:
        one, other = (
            xml_body.parse(body.octets, self._limits) for body in (self._control, self._candidate)
        )
        comparison = TreeComparison(self._canon, self._findings, self._budget, xml_body.identity)
        comparison.compare(one, other, f"xml:{one.step}")
