"""From routing.yaml to a checked config, or to all of its faults at once, each with its place.

    1. read      the file's bytes as UTF-8
    2. compose   YAML to values that know their line (document.py)
    3. validate  each value against the model (config.py, misfits.py)
    4. compare   what only shows side by side: upstreams, names of domains, weights, colliding rules

Steps 3 and 4 both run whatever the other finds, so that one look at the file repairs it.
"""

import re
import stat
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from proxy.ownership.phases import PLAIN, Ability, Phase
from proxy.routing.config import PARTS, RouteConfig, RoutingConfig
from proxy.routing.document import TOP, Document, Location, Place, read
from proxy.routing.faults import Fault, Problem, RoutingError
from proxy.routing.misfits import choose, misfits
from proxy.routing.rules import Rule, collisions
from proxy.routing.values import DOMAIN_NAME, origin

__all__ = ["RoutingError", "load", "parse", "parse_bytes", "read_bytes"]

Known = Collection[str] | Mapping[str, Ability]
"""Names of domains; as a mapping, with what they are able to."""

LARGEST_FILE = 256 * 1024
"""Bytes. Eighteen domains with all their rules take a tenth of it."""


def load(path: Path, known_domains: Known) -> RoutingConfig:
    """Read and check a file. Raises `RoutingError`, also when the file cannot be read."""
    content = read_bytes(path)
    if isinstance(content, Fault):
        raise RoutingError([content], str(path))
    return parse_bytes(content, known_domains, str(path))


def read_bytes(path: Path) -> bytes | Fault:
    """The content of a file, or why it cannot be had."""
    remedy = "name another file, or set STRANGLER_ROUTING"
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            return Fault(*TOP, "is a directory, not a file", remedy)
        if not stat.S_ISREG(status.st_mode):
            return Fault(*TOP, "is not a regular file", remedy)
        if status.st_size > LARGEST_FILE:
            return Fault(*TOP, f"is larger than {LARGEST_FILE} bytes", remedy)
        return path.read_bytes()
    except FileNotFoundError:
        return Fault(*TOP, "there is no such file", "create it, or set STRANGLER_ROUTING")
    except PermissionError:
        return Fault(*TOP, "may not be read by this user", "change its owner or permissions")
    except (OSError, ValueError) as error:
        return Fault(*TOP, f"cannot be read: {error}", remedy)


def parse_bytes(
    content: bytes, known_domains: Known, source: str = "routing.yaml"
) -> RoutingConfig:
    """Check the content of a file, which must be UTF-8."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        place = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
        fault = Fault(*place, f"byte {content[error.start]:#04x} is not UTF-8", "save it as UTF-8")
        raise RoutingError([fault], source) from None
    return parse(text, known_domains, source)


def parse(text: str, known_domains: Known, source: str = "routing.yaml") -> RoutingConfig:
    """Check a text. `known_domains` are the names that may stand under `domains`, and what each
    of these domains is able to, if it is more or less than others.

    Raises `RoutingError` with every fault; `source` names the file in its text.
    """
    try:
        document = read(text)
    except RoutingError as error:
        raise RoutingError(error.faults, source) from None
    faults = list(document.faults)
    faults += _keys_of_parts(document)
    try:
        config = RoutingConfig.model_validate(document.data)
    except ValidationError as error:
        faults += misfits(error, document)
    faults += _upstreams(document)
    faults += _strangers(document, known_domains)
    faults += _canaries_without_weight(document)
    faults += _collisions(document)
    if faults:
        raise RoutingError(set(faults), source)
    return _placed(config, document, known_domains)


def _keys_of_parts(document: Document) -> Iterator[Fault]:
    """Keys of `legacy.breaker`, `gates` and the like that are unknown, empty or missing.

    Takes the unknown out of the document and puts examples in for the others, so that the model
    looks at the remaining values all the same.
    """
    for pattern, model in PARTS.items():
        for location, written in list(_found(document.data, pattern, ())):
            yield from _keys_of_part(document, location, written, model)


def _found(data: object, pattern: Location, at: Location) -> Iterator[tuple[Location, Any]]:
    if not isinstance(data, dict):
        return
    if not pattern:
        yield at, data
        return
    for key in list(data) if pattern[0] == "*" else [pattern[0]]:
        yield from _found(data.get(key), pattern[1:], (*at, key))


def _keys_of_part(
    document: Document, location: Location, written: dict[Any, Any], model: type[BaseModel]
) -> Iterator[Fault]:
    known, name = model.model_fields, ".".join(map(str, location))
    for key in written.keys() - known.keys():
        place = document.key_place((*location, key))
        yield Fault(*place, f"{name}.{key}: this key is not known", choose(key, list(known)))
        del written[key]
    for key, field in known.items():
        example = (field.examples or [None])[0]
        if key in written and written[key] is None:
            place = document.key_place((*location, key))
            yield Fault(
                *place, f"{name}.{key}: has no value", f"write for example {key}: {example}"
            )
        elif key not in written and field.is_required():
            place = document.key_place(location)
            yield Fault(*place, f"{name}.{key}: is missing", f"add {key}: {example}")
        else:
            continue
        written[key] = example


def _upstreams(document: Document) -> Iterator[Fault]:
    """URLs of `legacy.urls` that do not go with an earlier one; each is sound by itself."""
    urls = _mapping(document.data.get("legacy")).get("urls")
    lines: dict[str, int] = {}
    for index, written in enumerate(urls if isinstance(urls, list) else ()):
        if isinstance(url := origin(written), Problem):
            continue
        place = document.place(("legacy", "urls", index))
        first = next(iter(lines), url)
        if url in lines:
            message = f"{url} is there twice, first in line {lines[url]}"
            yield Fault(*place, f"legacy.urls[{index}]: {message}", "keep one of them")
        elif url.partition(":")[0] != first.partition(":")[0]:
            message = f"{url} has another scheme than {first} in line {lines[first]}"
            yield Fault(*place, f"legacy.urls[{index}]: {message}", "use http or https for all")
        lines.setdefault(url, place[0])


def _strangers(document: Document, known: Collection[str]) -> Iterator[Fault]:
    """Domains without code. In phase legacy none is needed, so a file may name them before they
    are ported, as that of `strangler init` does."""
    for name, domain in _mapping(document.data.get("domains")).items():
        if name in known:
            continue
        place = document.key_place(("domains", name))
        if not re.fullmatch(DOMAIN_NAME, name):
            message = f"domains.{name}: is no name of a domain"
            yield Fault(*place, message, "write small letters, digits and underscores")
        elif _mapping(domain).get("phase", Phase.LEGACY) != Phase.LEGACY:
            message = f"domains.{name}: there is no such domain"
            remedy = f"{choose(name, sorted(known))}; others stay in phase legacy until ported"
            yield Fault(*place, message, remedy)


def _canaries_without_weight(document: Document) -> Iterator[Fault]:
    for name, domain in _mapping(document.data.get("domains")).items():
        written = _mapping(domain)
        if written.get("phase") == Phase.CANARY and written.get("weight") is None:
            place = document.place(("domains", name, "phase"))
            message = f"domains.{name}.weight: phase canary needs a weight"
            yield Fault(*place, message, "add for example weight: 10, the percent of visitors")


def _collisions(document: Document) -> Iterator[Fault]:
    placed = list(_rules(document))
    for one, other in collisions([rule for rule, _ in placed]):
        (earlier, (line, _)), (later, place) = placed[one], placed[other]
        if earlier.domain == later.domain:
            message = f"{later.path} is a rule of {later.domain} already, in line {line}"
            yield Fault(*place, message, "keep one of them")
        else:
            message = (
                f"{later.path} of {later.domain} and {earlier.path} of {earlier.domain} "
                f"in line {line} are equally specific"
            )
            yield Fault(*place, message, "keep one of them, or make one more specific")


def _rules(document: Document) -> Iterator[tuple[Rule, Place]]:
    """The rules that are sound by themselves, even where others are not."""
    for name, domain in _mapping(document.data.get("domains")).items():
        routes = _mapping(domain).get("routes")
        for index, written in enumerate(routes if isinstance(routes, list) else ()):
            place = document.place(("domains", name, "routes", index))
            try:
                route = RouteConfig.model_validate(written)
            except ValidationError:
                continue
            yield Rule.of(name, route.at(place[0])), place


def _mapping(written: object) -> dict[str, Any]:
    return written if isinstance(written, dict) else {}


def _placed(config: RoutingConfig, document: Document, known: Known) -> RoutingConfig:
    """The same config, whose domains and rules know their lines, and what they are able to."""
    abilities = known if isinstance(known, Mapping) else {}
    domains = {}
    for name, domain in config.domains.items():
        routes = tuple(
            route.at(document.place(("domains", name, "routes", index))[0])
            for index, route in enumerate(domain.routes)
        )
        line, _ = document.key_place(("domains", name))
        whole = domain.model_copy(update={"routes": routes}).at(line)
        domains[name] = whole.able(abilities.get(name, PLAIN))
    return config.model_copy(update={"domains": domains})
