"""Templates of the console: everything that is put into one is escaped, whoever it comes from."""

import json
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from proxy.console import shown
from proxy.console.asked import PREFIX
from proxy.console.highlighting import apart
from proxy.ownership.phases import Phase

HERE = Path(__file__).parent
ASSETS = {
    "console.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


@lru_cache(maxsize=1)
def templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in ("rate", "duration", "age", "percent", "count", "moment", "ago"):
        environment.filters[name] = getattr(shown, name)
    environment.filters["pretty"] = lambda value: json.dumps(value, indent=2, ensure_ascii=False)
    environment.globals.update(
        prefix=PREFIX, phases=[str(phase) for phase in Phase], apart=apart, asset=asset_path
    )
    return environment


def render(template: str, **names: Any) -> str:
    return templates().get_template(template).render(**names)


def fragment(macro: str, *arguments: Any) -> Markup:
    """A piece of a page, from `pieces.html`."""
    made = getattr(_pieces(), macro)(*arguments)
    return Markup(str(made).strip())  # noqa: S704  # what the template has escaped


@lru_cache(maxsize=1)
def _pieces() -> Any:
    return templates().get_template("pieces.html").module


@lru_cache(maxsize=8)
def asset(name: str) -> bytes:
    return (HERE / "static" / name).read_bytes()


@lru_cache(maxsize=8)
def asset_path(name: str) -> str:
    """With its hash, so that browsers keep it until it is another one."""
    return f"{PREFIX}{name}?{sha256(asset(name)).hexdigest()[:12]}"
