"""Writes docs/conformance.md: what an HTTP intermediary must do, and which tests show it.

The tests say it themselves, by the marker `must`. With --check nothing is written: exit code 1
where the document is out of date or something has no test, 2 where the tests cannot be collected.
"""

import argparse
import contextlib
import io
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]
TESTS = Path(__file__).parent
DOCUMENT = PROJECT / "docs" / "conformance.md"

Key = int | str
Shown = dict[Key, Counter[tuple[str, str]]]

HTTP, MESSAGES = "RFC 9110 §", "RFC 9112 §"

MUSTS: dict[Key, tuple[str, str]] = {
    1: (HTTP + "7.6.1", "Fields that Connection names end here, and so does Connection itself"),
    2: (HTTP + "7.6.1", "Fields for one connection only are never forwarded"),
    3: (HTTP + "7.6", "A request that comes back to us is seen as a loop: 508"),
    4: (HTTP + "7.6.3", "Via is added to requests and answers"),
    5: (HTTP + "7.6.2", "Max-Forwards of TRACE and OPTIONS is counted down; at 0 we answer"),
    6: (HTTP + "7.7", "Path and query arrive octet for octet"),
    7: (HTTP + "7.7", "Content is not transformed, whatever its coding"),
    8: (HTTP + "5.1", "Fields we do not know pass"),
    9: (HTTP + "5.3", "Lines of one name keep their order; Set-Cookie its lines; Cookie is one"),
    10: (HTTP + "5.5", "CR, LF or NUL in a value is refused"),
    11: (MESSAGES + "7.1.2", "Trailers never become fields of the head"),
    12: (HTTP + "6.6.1", "An answer has a Date, ours where it had none; the reason phrase stays"),
    13: (HTTP + "7.8", "Upgrade passes only with Connection: upgrade, never from HTTP/1.0"),
    14: (HTTP + "7.8", "Nothing after an Upgrade request is another protocol before the 101"),
    15: (HTTP + "8.6", "A Content-Length that is malformed or known to be wrong never passes"),
    16: (HTTP + "8.6", "1xx and 204 carry no Content-Length and no Transfer-Encoding"),
    17: (HTTP + "8.6", "Answers to HEAD and 304 keep the Content-Length they had, and no body"),
    18: (HTTP + "9.3.2", "No content after HEAD, even where the upstream sends some"),
    19: (HTTP + "9.2.2", "Only idempotent requests are asked again, or such as never arrived"),
    20: (HTTP + "10.1.1", "Expect: 100-continue works from end to end, and not in HTTP/1.0"),
    21: (HTTP + "15.2", "Interim answers pass and never become the final one"),
    22: (HTTP + "10.2.1", "Allow passes as it is"),
    23: (HTTP + "11.6", "WWW-Authenticate and Authorization pass as they are"),
    24: (HTTP + "13.2.1", "Conditional requests are forwarded, not evaluated"),
    25: (HTTP + "10.1.4", "TE is for the next hop only and is not forwarded"),
    26: (HTTP + "12.5.5, 15.5.20", "We never make up Vary: * or 421"),
    27: (MESSAGES + "2.2", "Messages are octets, lines end with CRLF, a bare CR is refused"),
    28: (MESSAGES + "2.2", "Whitespace before the first field is refused"),
    29: (MESSAGES + "2.3", "We send our own HTTP version"),
    30: (MESSAGES + "3", "A target too long is 414; too long or too many fields are 431"),
    31: (MESSAGES + "3.2", "A missing, repeated or invalid Host is 400"),
    32: (MESSAGES + "3.2.2", "A target in absolute form is taken, and replaces Host"),
    33: (MESSAGES + "5.1", "Space before a colon: 400 in requests, removed from answers"),
    34: (MESSAGES + "5.2", "Folded lines: 400 in requests, unfolded in answers"),
    35: (MESSAGES + "6.1", "Content-Length with Transfer-Encoding is refused, and closes"),
    36: (MESSAGES + "6.1", "No Transfer-Encoding from or to HTTP/1.0"),
    37: (MESSAGES + "6.2", "We never send both framings"),
    38: (MESSAGES + "6.3", "Transfer-Encoding that does not end with chunked is 400, and closes"),
    39: (MESSAGES + "6.3", "Bad Content-Length: 400 from clients, 502 from the upstream; closes"),
    40: (MESSAGES + "6.3", "A cut answer arrives as broken; surplus never becomes an answer"),
    41: (MESSAGES + "7.1", "Chunk sizes are read strictly"),
    42: (MESSAGES + "9.3", "A body is read to its end, or the connection closed"),
    43: (MESSAGES + "9.6", "Connection: close holds on both sides"),
    "A1": ("", "Bodies stream both ways, in bounded memory"),
    "A2": ("", "A client that leaves frees the upstream's connection at once"),
    "A3": ("", "WebSocket is a tunnel of octets after the 101; a refusal passes as HTTP"),
    "A4": ("", "X-Forwarded-* and Forwarded: continued for trusted peers, replaced for others"),
    "A5": ("", "Fields with an underscore, which would pass for others, are dropped"),
    "A6": ("", "Host reaches the site as the client sent it"),
    "A7": ("", "Faults of the upstream: 502, 503, 504; log and metric say stage and side"),
    "A8": ("", "A kept connection that the upstream closed costs no request"),
    "A9": ("", "Nothing reaches the upstream as two requests that was one"),
    "A10": ("", "Slow clients are timed out: head, body, answer, idle; nobody waits for them"),
}
INTRODUCTION = """\
# Conformance

What an HTTP intermediary must do, and the tests that show it: real sockets on both sides of a
running `strangler serve`. `scripts/conformance` writes this, `scripts/test -m musts` runs them.
"""


class Collector:
    """Sees what pytest collects, and keeps which test shows what, and with how many cases."""

    def __init__(self) -> None:
        self.shown: Shown = defaultdict(Counter)
        self.cases = 0

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            keys = {key for mark in item.iter_markers("must") for key in mark.args}
            name = getattr(item, "originalname", item.name)
            self.cases += bool(keys)
            for key in keys:
                self.shown[key][item.path.name, name] += 1


def collect() -> Collector:
    """Raises `SystemExit` with 2 where pytest cannot collect the tests."""
    collector, output = Collector(), io.StringIO()
    options = ["--collect-only", "-q", "-p", "no:cacheprovider", str(TESTS)]
    with contextlib.redirect_stdout(output):
        code = pytest.main(options, plugins=[collector])
    if code != pytest.ExitCode.OK:
        sys.stderr.write(output.getvalue())
        raise SystemExit(2)
    return collector


def faults(shown: Shown) -> list[str]:
    """What has no test, and keys that are none."""
    missing = [f"MUST {key} has no test: {MUSTS[key][1]}" for key in MUSTS if key not in shown]
    unknown = [f"no MUST is called {key!r}" for key in shown if key not in MUSTS]
    return missing + unknown


def document(collector: Collector) -> str:
    lines = ["| MUST | source | what | tests | cases |", "|---|---|---|---|---|"]
    for key, (source, text) in MUSTS.items():
        tests = collector.shown.get(key, Counter())
        row = (str(key), source, text, _listed(tests), str(tests.total()))
        lines.append(f"| {' | '.join(row)} |")
    total = f"\n{collector.cases} cases in all; one case may show more than one line.\n"
    return INTRODUCTION + total + "\n" + "\n".join(lines) + "\n"


def _listed(tests: Counter[tuple[str, str]]) -> str:
    by_file: dict[str, list[str]] = defaultdict(list)
    for file, name in tests:
        by_file[file].append(name.removeprefix("test_"))
    return "<br>".join(f"`{file}`: {', '.join(names)}" for file, names in sorted(by_file.items()))


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/conformance", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; say what is wrong")
    check = parser.parse_args().check
    collector = collect()
    wrong = faults(collector.shown)
    text = document(collector)
    if not check:
        DOCUMENT.write_text(text)
    elif not DOCUMENT.exists() or DOCUMENT.read_text() != text:
        wrong.append("docs/conformance.md is out of date: run scripts/conformance")
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
