"""One template, from Django source to Jinja2 source; every fault is found before it gives up."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from legacy_bridge.templates.convert import quoting
from legacy_bridge.templates.convert.expressions import Expression, expression, first_part
from legacy_bridge.templates.convert.lexer import Kind, Token, tokens, words
from legacy_bridge.templates.declarations import Declared, Filter, Syntax
from legacy_bridge.templates.faults import Fault, TagFault, TemplateFaultsError


@dataclass(frozen=True, slots=True)
class Known:
    """The libraries of a site: `builtins` without `load`, `loadable` with it."""

    builtins: Sequence[Declared]
    loadable: Mapping[str, Declared] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag as it stands in the source; `words[0]` is its name."""

    words: list[str]
    content: str
    line: int

    @property
    def name(self) -> str:
        return self.words[0]


class Converter:
    """What a tag's conversion works with: values, the tag's body, names of this template."""

    def __init__(self, source: str, file: str, known: Known, name: str | None = None) -> None:
        self.file = file
        self.name = repr(name) if name else "the template"
        self.faults: list[Fault] = []
        self.named_cycles: dict[str, str] = {}
        self.last_cycle: str | None = None
        self.blocks: set[str] = set()
        self.partials: set[str] = set()
        self.has_content = False
        self.extends: str | None = None
        self.ended_by: Tag | None = None
        self.cycles = 0
        self._known = known
        self._loaded: list[Declared] = list(known.builtins)
        self._syntaxes: dict[str, tuple[Declared, Syntax]] = {}
        self._filters: dict[str, tuple[Declared, Filter]] = {}
        self._broken: list[str] = []
        self._open: list[tuple[Tag, Sequence[str]]] = []
        self._tokens = tokens(source)
        for library in known.builtins:
            self.load(library)

    # --- the whole template

    def convert(self) -> str:
        """Jinja2 source with the same lines; raises `TemplateFaultsError` with all faults."""
        text = "".join(self._pieces(()))
        if self.faults:
            raise TemplateFaultsError(sorted(self.faults, key=lambda fault: fault.line))
        return text

    # --- what tags ask for

    def value(self, word: str) -> str:
        """A variable with filters, in Jinja2's writing."""
        return self.expression(word).text

    def expression(self, word: str) -> Expression:
        return expression(word, self._filter)

    def first(self, word: str) -> str:
        """The value without its filters."""
        return first_part(word).text

    def body(self, tag: Tag, *ends: str) -> str:
        """What stands until one of `ends`, converted; `ended_by` is that tag."""
        self._open.append((tag, ends))
        try:
            return "".join(self._pieces(ends))
        finally:
            self._open.pop()

    def skip(self, tag: Tag, end: str) -> str:
        """The source until `end`, as it is."""
        pieces: list[str] = []
        for token in self._tokens:
            if token.kind is Kind.TAG and token.content == end:
                return "".join(pieces)
            pieces.append(token.raw)
        raise _unclosed(tag, (end,))

    @contextmanager
    def going_on(self, tag: Tag) -> Iterator[None]:
        """Note a fault of a part of `tag`, and read the rest of it."""
        try:
            yield
        except TagFault as fault:
            self.faults.append(Fault(self.file, tag.line, fault.problem, fault.remedy))

    def tokens_until_end(self, tag: Tag) -> Iterator[Token]:
        """The pieces that follow, for tags that read their body themselves."""
        for token in self._tokens:  # noqa: UP028  # `yield from` would close them with this one
            yield token
        raise _unclosed(tag, (f"end{tag.name}",))

    def load(self, library: Declared, only: Sequence[str] | None = None) -> None:
        """Make the tags and filters of `library` known, or those named `only`."""
        for name, syntax in library.tags.items():
            if only is None or name in only:
                self._syntaxes[name] = (library, syntax)
        for name, declared in library.filters.items():
            if only is None or name in only:
                self._filters[name] = (library, declared)

    def library(self, name: str) -> Declared:
        if name not in self._known.loadable:
            others = ", ".join(sorted(self._known.loadable))
            raise TagFault(
                f"{name!r} is not a registered tag library. Must be one of: {others}",
                "declare it in Python as a Declared and give it to the environment",
            )
        return self._known.loadable[name]

    def function(self, tag: str, name: str) -> str:
        """The name under which a converted template calls the function of `tag`."""
        library, _ = self._syntaxes[tag]
        return self.unique("functions", library, name)

    def unique(self, kind: str, library: Declared, name: str) -> str:
        """The bare name, or `library.name` where another library has one, too."""
        if library in self._known.builtins:
            holders = [one for one in self._known.builtins if name in getattr(one, kind)]
            if holders and holders[-1] is library:
                return name
        if name in quoting.CALLED:
            return qualified(library.name, name)
        others = [*self._known.builtins, *self._known.loadable.values()]
        holders = [one for one in others if name in getattr(one, kind)]
        if all(one is library for one in holders) and quoting.is_name(name):
            return name
        return qualified(library.name, name)

    # --- reading

    def _pieces(self, ends: Sequence[str]) -> Iterator[str]:
        for token in self._tokens:
            if token.kind is Kind.TAG and token.name in ends:
                self.ended_by = _tag(token)
                return
            try:
                yield self._piece(token)
            except TagFault as fault:
                self._report(token, fault)
        if ends:
            raise _unclosed(self._open[-1][0], ends)

    def _piece(self, token: Token) -> str:
        match token.kind:
            case Kind.TEXT:
                return quoting.text(token.content)
            case Kind.COMMENT:
                return quoting.comment(token.raw[2:-2])
            case Kind.VARIABLE:
                self.has_content = True
                return self._variable(token)
            case Kind.TAG:
                return self._tag(token)

    def _variable(self, token: Token) -> str:
        if not token.content:
            raise TagFault(
                f"Empty variable tag on line {token.line}",
                "name a variable, or write {% verbatim %}",
            )
        return f"{{{{ {self.value(token.content)} }}}}"

    def _tag(self, token: Token) -> str:
        if not token.content:
            raise TagFault(
                f"Empty block tag on line {token.line}", "name a tag, or write {% verbatim %}"
            )
        tag = _tag(token)
        if tag.name not in self._syntaxes:
            raise self._unknown(tag)
        _, syntax = self._syntaxes[tag.name]
        try:
            converted = syntax(self, tag)
        except TagFault:
            self._broken.append(tag.name)
            raise
        self.has_content = True
        return converted

    def _filter(self, name: str) -> tuple[str, Filter]:
        if name not in self._filters:
            raise TagFault(f"Invalid filter: {name!r}", self._where(name, "filters"))
        library, declared = self._filters[name]
        return self.unique("filters", library, name), declared

    def _report(self, token: Token, fault: TagFault) -> None:
        if fault.problem:
            line = getattr(fault, "line", token.line)
            self.faults.append(Fault(self.file, line, fault.problem, fault.remedy))

    def _unknown(self, tag: Tag) -> TagFault:
        start = tag.name.removeprefix("end")
        if self._is_left_over(tag.name):
            return TagFault("", "")
        if self._open:
            *others, last = (repr(end) for end in self._open[-1][1])
            ends = f"{', '.join(others)} or {last}" if others else last
            fault = TagFault(
                f"Invalid block tag on line {tag.line}: {tag.name!r}, expected {ends}. "
                "Did you forget to register or load this tag?",
                self._where(tag.name, "tags"),
            )
        else:
            fault = TagFault(
                f"Invalid block tag on line {tag.line}: {tag.name!r}. "
                "Did you forget to register or load this tag?",
                self._where(tag.name, "tags"),
            )
        if start == tag.name:
            self._broken.append(tag.name)
        return fault

    def _is_left_over(self, name: str) -> bool:
        """Whether it belongs to a tag that was already faulty."""
        if name.startswith("end") and name[3:] in self._broken:
            self._broken.remove(name[3:])
            return True
        return name in ("else", "elif", "empty", "plural") and bool(self._broken)

    def _where(self, name: str, kind: str) -> str:
        if name.startswith("end") and kind == "tags":
            return f"no {name[3:]!r} is open here: remove it, or close what is inside first"
        libraries = self._known.loadable
        holders = sorted(one for one in libraries if name in getattr(libraries[one], kind))
        if holders:
            return f"write {{% load {holders[0]} %}} at the top of the file"
        return "correct the name, or declare it in a Declared of your site"


def qualified(library: str, name: str) -> str:
    """`library.name`, spelled so that Jinja2 can read both."""
    return f"{_identifier(library)}.{_identifier(name)}"


def _identifier(name: str) -> str:
    written = "".join(one if one.isalnum() or one == "_" else "_" for one in name)
    return written if quoting.is_name(written) else f"_{written}"


def _tag(token: Token) -> Tag:
    return Tag(words(token.content), token.content, token.line)


def _unclosed(tag: Tag, ends: Sequence[str]) -> TagFault:
    fault = TagFault(
        f"Unclosed tag on line {tag.line}: {tag.name!r}. Looking for one of: {', '.join(ends)}.",
        f"write {{% {ends[-1]} %}} where it ends",
    )
    fault.line = tag.line  # type: ignore[attr-defined]
    return fault


def convert(source: str, file: str, known: Known, name: str | None = None) -> str:
    """Jinja2 source of a Django template; raises `TemplateFaultsError` with every fault."""
    return Converter(source, file, known, name).convert()
