"""Header fields that a client, a cache or a CDN acts on; each in the form in which it counts."""

from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

from proxy.parity.answer import Answer, ContentType, Question
from proxy.parity.canon import Canon
from proxy.parity.finding import Findings
from proxy.parity.rules import Place, Spot

IGNORED = frozenset(
    (
        # what every hop says for itself (RFC 9110, 7.6.1)
        *("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "te"),
        *("trailer", "via", "date", "server", "alt-svc", "age"),
        # how the body is sent: it is compared itself, decoded
        *("content-length", "content-encoding", "accept-ranges"),
        # who answered, how fast, under which number
        *("x-request-id", "x-powered-by", "x-runtime", "server-timing", "x-cache", "x-timer"),
        *("x-served-by", "cf-ray", "nel", "report-to"),
        "set-cookie",  # compared apart
    )
)
OURS = "strangler-"
"""Prefix of the fields that say who answered."""

Form = Callable[[str], str]


def _set(value: str) -> str:
    return ", ".join(sorted({part.strip().lower() for part in value.split(",") if part.strip()}))


def _words(value: str) -> str:
    return " ".join(sorted(set(value.split())))


def _policy(value: str) -> str:
    """Directives in their order; the sources of each are a set (CSP 3, 2.3)."""
    parts = (part.split() for part in value.split(";"))
    return "; ".join(" ".join([part[0].lower(), *sorted(part[1:])]) for part in parts if part)


FORMS: dict[str, Form] = {
    "vary": _set,
    "allow": _set,
    "cache-control": _set,
    "access-control-allow-methods": _set,
    "access-control-allow-headers": _set,
    "access-control-expose-headers": _set,
    "content-language": _set,
    "surrogate-key": _words,
    "content-security-policy": _policy,
    "content-security-policy-report-only": _policy,
    "x-frame-options": str.upper,
    "x-content-type-options": str.lower,
}
"""All others are compared as they are written."""


def compare_headers(
    question: Question,
    control: Answer,
    candidate: Answer,
    *,
    same_body: bool,
    canon: Canon,
    findings: Findings,
) -> None:
    """`same_body`: both bodies are equal to the octet, so that an entity tag may be compared."""
    for name in _names(control, candidate):
        one, other = control.lines(name), candidate.lines(name)
        path = f"header:{name}"
        if not one or not other:
            findings.one_sided(
                path, ", ".join(one) if one else None, ", ".join(other) if other else None
            )
            continue
        ours, theirs = (_form(name, answer, question) for answer in (control, candidate))
        if name == "etag" and not same_body:
            ours, theirs = _strength(ours), _strength(theirs)
        if not canon.same(ours, theirs, Spot(Place.HEADER, name)):
            findings.differs(path, ours, theirs)


def _names(control: Answer, candidate: Answer) -> list[str]:
    """Of all fields of either that are compared, in order of the alphabet."""
    pairs = (*control.headers, *candidate.headers)
    names = {key.decode("latin-1").lower() for key, _ in pairs}
    return sorted(name for name in names if name not in IGNORED and not name.startswith(OURS))


def _form(name: str, answer: Answer, question: Question) -> str:
    value = answer.field(name)
    if name == "content-type":
        found = ContentType.of(answer)
        return f"{found.media}; charset={found.charset}" if found.charset else found.media
    if name in ("location", "content-location"):
        return _absolute(value, question)
    form = FORMS.get(name)
    return form(value) if form else " ".join(value.split())


def _absolute(location: str, question: Question) -> str:
    """Without scheme and host where they are the request's own: both forms lead there."""
    base = f"http://{question.host or 'host'}"
    try:
        target = urlsplit(urljoin(base + question.target, location))
        ours = urlsplit(base).netloc
    except ValueError:
        return location
    if target.scheme not in ("http", "https") or target.netloc.lower() != ours.lower():
        return location
    return target._replace(scheme="", netloc="").geturl() or "/"


def _strength(etag: str) -> str:
    """Tags are made of the body, and the bodies are compared themselves."""
    return "weak" if etag.startswith("W/") else "strong"
