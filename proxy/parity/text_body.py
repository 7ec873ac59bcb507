"""Plain text line by line, and whatever is no text by its length and hash."""

from hashlib import sha256

from proxy.parity.align import Budget, paired
from proxy.parity.canon import Canon
from proxy.parity.finding import Findings
from proxy.parity.rules import Place, Spot

SPOT = Spot(Place.TEXT)


def compare_text(
    control: str, candidate: str, canon: Canon, findings: Findings, budget: Budget
) -> None:
    """A changed or missing line bears the control's number, one more the candidate's."""
    ours, theirs = control.splitlines(), candidate.splitlines()
    keys = (str, lambda line: canon.of(line, SPOT), lambda _: None)
    for at, beside in paired(ours, theirs, keys, budget):
        if at is not None and beside is not None:
            if not canon.same(ours[at], theirs[beside], SPOT):
                findings.differs(f"text:line {at + 1}", ours[at], theirs[beside])
        elif at is not None:
            findings.one_sided(f"text:line {at + 1}", ours[at], None)
        elif beside is not None:
            findings.one_sided(f"text:line {beside + 1}", None, theirs[beside])


def compare_octets(control: bytes, candidate: bytes, findings: Findings) -> None:
    if control != candidate:
        findings.digests("body", _digest(control), _digest(candidate))


def _digest(octets: bytes) -> str:
    return f"{len(octets)} octets, SHA-256 {sha256(octets).hexdigest()[:8]}"
