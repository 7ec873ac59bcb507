"""Names for what a manifest has: of classes, attributes, tables, columns and constraints."""

import builtins
import keyword
import re
import unicodedata
from collections.abc import Collection, Iterable
from hashlib import sha256

LONGEST = 63
"""Octets that PostgreSQL keeps of a name."""

LONGEST_ATTRIBUTE = 40
"""Characters. With the longest annotation a line still has room for it."""

ANNOTATIONS = frozenset({"bool", "bytes", "dict", "float", "int", "list", "str"})
_NOT_ATTRIBUTES = frozenset({"metadata", "registry", "type_annotation_map", "l"}) | ANNOTATIONS
_NOT_CLASSES = frozenset({"Record", "Keyed", "Mapped", "Any"}) | frozenset(dir(builtins))


def as_kept(name: str) -> str:
    """What PostgreSQL has made of a name that Django asked for."""
    return name.encode()[:LONGEST].decode(errors="ignore")


def fitting(name: str, longest: int = LONGEST) -> str:
    """The name, or its beginning and a digest of it."""
    if len(name) <= longest:
        return name
    return f"{name[: longest - 7]}_{sha256(name.encode()).hexdigest()[:6]}"


def free(name: str, taken: Collection[str], mark: str = "_") -> str:
    """The name, numbered if there is one like it."""
    if name not in taken:
        return name
    return next(new for n in range(2, len(taken) + 3) if (new := f"{name}{mark}{n}") not in taken)


def table_name(legacy: str, taken: Collection[str]) -> str:
    """As in the legacy database, in plain letters."""
    words = re.sub(r"[^a-z0-9_]+", "_", _ascii(legacy).lower()).strip("_")
    name = words if words[:1].isalpha() else f"table_{words}".rstrip("_")
    return free(fitting(name, LONGEST - 3), taken)


def column_name(legacy: str, taken: Collection[str]) -> str:
    """As in the legacy database, but for what is no ASCII, dots, and an underscore at its head."""
    name = _ascii(legacy).replace(".", "_")
    return free(name.lstrip("_") or "column", taken)


def class_name(label: str, taken: Collection[str]) -> str:
    """That of Django's model in CapWords."""
    words = re.split(r"[^A-Za-z0-9]+", _ascii(label.partition(".")[2]))
    name = "".join(word[:1].upper() + word[1:] for word in words)
    name = name if name[:1].isalpha() else f"Model{name}"
    name = f"{name}Row" if name in _NOT_CLASSES or keyword.iskeyword(name) else name
    return free(fitting(name, LONGEST_ATTRIBUTE).replace("_", ""), taken, "")


def attribute_name(column: str, taken: Collection[str]) -> str:
    """A column in a model: snake_case, no keyword, nothing that SQLAlchemy means otherwise."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column)
    name = re.sub(r"[^a-z0-9_]+", "_", snake.lower()).strip("_")
    name = name if name[:1].isalpha() else f"column_{name}".rstrip("_")
    name = fitting(name, LONGEST_ATTRIBUTE)
    if keyword.iskeyword(name) or name in _NOT_ATTRIBUTES:
        name = f"{name}_"
    return free(name, taken)


def domain_name(app: str) -> str:
    """The domain of an app, as `strangler init` names it in routing.yaml."""
    name = re.sub(r"[^a-z0-9_]", "_", app.lower())
    name = name if name[:1].isalpha() else f"app_{name}"
    return f"{name}_" if keyword.iskeyword(name) else name


def _ascii(text: str) -> str:
    """Letters without their accents, `_` for what is none."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(each for each in plain if not unicodedata.combining(each))
    return re.sub(r"[^\x20-\x7e]", "_", plain)


class Relations:
    """Names of indexes: a schema has each once, be it of an index or of a constraint with one."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def usual(self, kind: str, table: str, columns: Iterable[str]) -> str | None:
        """None where the convention of `ported_domains.domain` gives a name that is free; else
        the name to give."""
        wanted = "_".join((kind, table, *columns))
        if wanted in self._taken or len(wanted) > LONGEST:
            return self.given(wanted)
        self._taken.add(wanted)
        return None

    def given(self, wanted: str) -> str:
        """A name that is free, like this one."""
        name = free(fitting(wanted, LONGEST - 3), self._taken)
        self._taken.add(name)
        return name
