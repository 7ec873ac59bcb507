"""What the load is told beside what Locust itself takes."""

from argparse import ArgumentParser, ArgumentTypeError
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

VISITOR, EDITOR = ("u1_1", "pw-1-1"), ("admin1", "admin-1")
"""Name and password of accounts in the bundled data."""


@dataclass(frozen=True, slots=True)
class Options:
    """See the help of each."""

    parity: float
    parity_repeat: float
    parity_ignore: tuple[str, ...]
    parity_legacy: str | None
    parity_native: str | None
    think: float
    visitor_name: str
    visitor_password: str
    editor_name: str
    editor_password: str
    report: Path | None

    @classmethod
    def of(cls, parsed: object) -> "Options":
        given = {one.name: getattr(parsed, one.name) for one in fields(cls)}
        return cls(**{**given, "parity_ignore": tuple(given["parity_ignore"])})


def add_options(parser: ArgumentParser) -> None:
    """Each can be given in the environment, too: --parity-legacy as JOURNEYS_PARITY_LEGACY."""

    def add(name: str, text: str, **how: object) -> None:
        variable = "JOURNEYS" + name.removeprefix("-").replace("-", "_").upper()
        # Locust's parser knows more than argparse's.
        parser.add_argument(name, help=text, env_var=variable, **how)  # type: ignore[arg-type]

    share = {"type": _share, "metavar": "SHARE"}
    add("--parity", "Share of the safe requests that both sides are asked.", default=0.05, **share)
    add("--parity-repeat", "Of those, the legacy side is asked twice.", default=0.2, **share)
    add("--parity-ignore", "Field path that may differ.", default=[], action="append")
    add("--parity-legacy", "Ask the legacy side there, not the host.", type=site_url, metavar="URL")
    add("--parity-native", "Ask the native side there, not the host.", type=site_url, metavar="URL")
    add("--think", "Visitors think so many times as long as usual.", default=1.0, type=_factor)
    add("--visitor-name", "Who logs in.", default=VISITOR[0])
    add("--visitor-password", "Of that account.", default=VISITOR[1], is_secret=True)
    add("--editor-name", "Who edits in Django's admin.", default=EDITOR[0])
    add("--editor-password", "Of that account.", default=EDITOR[1], is_secret=True)
    add("--report", "Write the report as JSON there, and do not print it.", type=Path)


def _share(text: str) -> float:
    share = _number(text)
    if not 0 <= share <= 1:
        raise ArgumentTypeError(f"{text} is no share: give a number from 0 to 1, such as 0.05")
    return share


def _factor(text: str) -> float:
    factor = _number(text)
    if factor < 0:
        raise ArgumentTypeError(f"{text} is negative: give 0 for visitors who do not think")
    return factor


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no number") from None


def site_url(text: str) -> str:
    """Without a slash at the end; raises `ArgumentTypeError` for what is not the URL of a site."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/"):
        raise ArgumentTypeError(f"{text!r}: give scheme, host and port, as http://127.0.0.1:8001")
    return f"{parts.scheme}://{parts.netloc}"
