"""The path of a rule: literal segments, at the end optionally `/**`.

A pattern is compared with the path exactly as it came over the wire, byte for byte and segment by
segment. Nothing is decoded, folded or resolved on either side, because a
wrong guess here could send a write to the side that does not own the row:

- `/about/` is exact and differs from `/about`; upper and lower case differ.
- `/downloads/**` takes `/downloads`, `/downloads/` and all below, never `/downloadsx`.
- `%2F` is no slash. `/%64ownloads/` names the same page as `/downloads/` but is not matched by
  `/downloads/**`: it goes to the legacy site, which answers it as ever. So does `//downloads/`.
- `/downloads/../admin/` lies below `/downloads/`, as Django sees it too: neither resolves dots.
"""

import re

from proxy.routing.faults import Problem

PREFIX_MARK = "/**"

_SEGMENT = r"(?:[A-Za-z0-9._~!$&'()+,;=:@-]|%[0-9A-Fa-f]{2})+"  # RFC 3986, 3.3: pchar, without *
GRAMMAR = rf"^(?=/)(?:/(?!\.{{1,2}}(?:/|$)){_SEGMENT})*(?:/(?:\*\*)?)?$"
"""Every legal pattern and nothing else, also as ECMAScript reads it: the JSON Schema carries it."""

_STAR = r"\*"
_CHECKS: tuple[tuple[str, str, str], ...] = (
    (r"^(?!/)", "does not begin with a slash", "write the path from the root: /downloads/**"),
    (r"[?#]", "has a query or a fragment", "leave it out: rules see the path alone"),
    (r"\s", "contains white space", "remove it, or write %20 for a space that is in the path"),
    (r"//", "has an empty segment", "write one slash between segments"),
    (r"/\.\.?(?=/|$)", "has a segment . or ..", "write the path that it leads to"),
    (
        r"\*",
        "has a * that is not a last segment /**",
        "end the rule with /**, or write %2A for a star",
    ),
    (
        r"%(?![0-9A-Fa-f]{2})",
        "has a percent sign without two hex digits",
        "write %25 for a percent sign that is in the path",
    ),
    (
        r"[<>{}]",
        "has a placeholder",
        "rules are literal: end the rule with /** before the part that varies",
    ),
    (
        r"""["\\^`|]|[^\x20-\x7e\s]""",
        "has a character that a path carries percent-encoded only",
        "write it as browsers send it, such as %C3%A9 for é",
    ),
)


def problems(pattern: str) -> tuple[Problem, ...]:
    """All that is wrong with a pattern; nothing when it is legal."""
    literal = pattern.removesuffix(PREFIX_MARK)
    return tuple(
        Problem(f"{pattern!r} {message}", remedy)
        for check, message, remedy in _CHECKS
        if re.search(check, literal if check == _STAR else pattern)
    )
