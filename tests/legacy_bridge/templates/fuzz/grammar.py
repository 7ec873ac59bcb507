"""Random Django templates: valid for the most part, with every tag and filter in them."""

from random import Random

from tests.legacy_bridge.templates.fuzz.values import NAMES

LOOKUPS = [
    "name",
    "title",
    "number",
    "children",
    "items",
    "0",
    "1",
    "method",
    "needs",
    "delete",
    "silent",
    "html",
    "missing",
    "grouper",
    "list",
    "counter",
    "first",
    "keys",
    "values",
    "upper",
    "broken",
]
LOOPS = [
    "counter",
    "counter0",
    "revcounter",
    "revcounter0",
    "first",
    "last",
    "parentloop.counter",
    "missing",
]
WORDS = ("", "x", "one two", "<br>", "it's", "&amp;", "a,b", "%s", "日本")
FORMATS = (
    "Y-m-d",
    "N j, Y",
    "D d M Y H:i:s",
    "P",
    "jS F y",
    "c",
    "r",
    "U",
    "e T O Z",
    "l, z W o t L",
    "SHORT_DATE_FORMAT",
    "\\\\Y\\\\m",
    "a A f g G h",
    "I u w b E",
)
PLAIN = [
    "addslashes",
    "capfirst",
    "escape",
    "escapejs",
    "escapeseq",
    "filesizeformat",
    "first",
    "floatformat",
    "force_escape",
    "iriencode",
    "intcomma",
    "intword",
    "apnumber",
    "ordinal",
    "last",
    "length",
    "linebreaks",
    "linebreaksbr",
    "linenumbers",
    "lower",
    "make_list",
    "phone2numeric",
    "pluralize",
    "pprint",
    "safe",
    "safeseq",
    "slugify",
    "striptags",
    "timesince",
    "title",
    "unordered_list",
    "upper",
    "urlencode",
    "urlize",
    "wordcount",
    "yesno",
    "date",
    "time",
    "json_script",
]
NUMBERED = [
    "add",
    "center",
    "divisibleby",
    "floatformat",
    "get_digit",
    "ljust",
    "rjust",
    "truncatechars",
    "truncatechars_html",
    "truncatewords",
    "truncatewords_html",
    "urlizetrunc",
    "wordwrap",
]
TEXTED = [
    "add",
    "cut",
    "default",
    "default_if_none",
    "join",
    "pluralize",
    "stringformat",
    "yesno",
    "slice",
    "dictsort",
    "dictsortreversed",
    "date",
    "time",
    "urlencode",
    "json_script",
    "floatformat",
]
ARGUMENTS = {
    "stringformat": ("s", "05d", ".2f", "x", "r", "%"),
    "slice": (":2", "1:", "::2", "-1:", "x", "1"),
    "dictsort": ("name", "number", "0", "kind", "missing"),
    "dictsortreversed": ("name", "number", "1"),
    "date": FORMATS,
    "time": ("H:i", "P", "Y", "TIME_FORMAT", "a g"),
    "yesno": ("yes,no,maybe", "y,n", "y", "a,b,c,d"),
    "pluralize": ("s", "es", "y,ies", "a,b,c"),
    "floatformat": ("2", "-2", "0", "2g", "3u", "-3gu", "x", ""),
    "json_script": ("an-id", "<x>"),
}


class Grammar:
    """Writes one template. `others` are the templates it may include or extend."""

    def __init__(self, random: Random, others: tuple[str, ...] = ()) -> None:
        self._random = random
        self._others = others
        self._blocks = 0
        self._cycles: list[str] = []

    def template(self) -> str:
        body = self.body(3)
        if self._others and self._random.random() < 0.3:
            blocks = "".join(
                f"{{% block {name} %}}{self.body(2)}{{{{ block.super }}}}{{% endblock %}}"
                for name in ("b1", "b2", "extra")
                if self._random.random() < 0.6
            )
            return f'{{% extends "{self._others[-1]}" %}}{blocks}'
        return body

    def base(self) -> str:
        """One with blocks, for others to extend."""
        return "".join(
            f"{self.body(1)}{{% block {name} %}}{self.body(1)}{{% endblock %}}"
            for name in ("b1", "b2")
        )

    def body(self, depth: int) -> str:
        return "".join(self._piece(depth) for _ in range(self._random.randint(1, 3)))

    def _piece(self, depth: int) -> str:
        kinds = [self._text, self._output, self._output, self._output, self._value_tag]
        if depth > 0:
            kinds += [self._if, self._for, self._with, self._around, self._changed, self._regroup]
        if self._others:
            kinds.append(self._include)
        made = self._random.choice(kinds)
        return made(depth)

    # --- expressions

    def variable(self) -> str:
        name = self._random.choice((*NAMES, "x", "y", "forloop"))
        if name == "forloop":
            # Not the whole of it: `ifchanged` leaves objects of the engine there.
            return f"forloop.{self._random.choice(LOOPS)}"
        while self._random.random() < 0.35:
            name += f".{self._random.choice(LOOKUPS)}"
        return name

    def literal(self) -> str:
        word = self._random.choice(WORDS)
        number = self._random.choice(("0", "1", "2", "-1", "1.5", "10"))
        return self._random.choice((f'"{word}"', number, number, "None", "True"))

    def value(self) -> str:
        found = self.variable() if self._random.random() < 0.8 else self.literal()
        while self._random.random() < 0.25:
            found += self._filter()
        return found

    def _filter(self) -> str:
        random = self._random
        kind = random.random()
        if kind < 0.5:
            return f"|{random.choice(PLAIN)}"
        if kind < 0.7:
            return f"|{random.choice(NUMBERED)}:{random.choice(('1', '2', '5', '12', '3', '0'))}"
        name = random.choice(TEXTED)
        if random.random() < 0.03:
            return f"|{name}:{self.variable()}"
        chosen = random.choice(ARGUMENTS.get(name, WORDS))
        return f'|{name}:"{chosen}"'

    def _condition(self) -> str:
        parts = [self._comparison()]
        while self._random.random() < 0.3:
            parts += [self._random.choice(("and", "or")), self._comparison()]
        return " ".join(parts)

    def _comparison(self) -> str:
        negated = "not " if self._random.random() < 0.2 else ""
        if self._random.random() < 0.4:
            return negated + self.value()
        operators = ("==", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "is not")
        chain = f"{self.value()} {self._random.choice(operators)} {self.value()}"
        if self._random.random() < 0.1:
            chain += f" {self._random.choice(operators)} {self.value()}"
        return negated + chain

    # --- pieces

    def _text(self, depth: int) -> str:
        return self._random.choice(
            (
                "text ",
                "\n",
                "  \n  ",
                "<p>",
                "</p>",
                "{ ",
                "{ {",
                "}}",
                "%}",
                "{#no#}",
                "$ ",
                "{% comment %}z{{ x }}{% endcomment %}",
                "a{# {{ x }} #}b",
            )
        )

    def _output(self, depth: int) -> str:
        return f"{{{{ {self.value()} }}}}"

    def _value_tag(self, depth: int) -> str:
        random = self._random
        kind = random.randint(0, 8)
        if kind == 0:
            return f"{{% firstof {self.value()} {self.value()} %}}"
        if kind == 1:
            return f"{{% firstof {self.value()} {self.value()} as x %}}{{{{ x }}}}"
        if kind == 2:
            width = self._random.choice(("100", "n", "50", "n", "7", self.value()))
            return f"{{% widthratio {self.value()} {self.value()} {width} %}}"
        if kind == 3:
            return f"{{% cycle {self.value()} {self.value()} %}}"
        if kind == 4:
            name = f"cy{len(self._cycles)}"
            self._cycles.append(name)
            silent = random.choice(("", " silent"))
            return f"{{% cycle {self.value()} {self.value()} as {name}{silent} %}}{{{{ {name} }}}}"
        if kind == 5 and self._cycles:
            return f"{{% {random.choice(('cycle', 'resetcycle'))} {random.choice(self._cycles)} %}}"
        if kind == 6:
            return f"{{% templatetag {random.choice(('openblock', 'closevariable'))} %}}"
        if kind == 7:
            message = self._random.choice(("text", self.literal(), "missing|upper"))
            return f"{{% translate {message} %}}"
        return self._blocktranslate()

    def _blocktranslate(self) -> str:
        one = self._random.choice(("one {{ q }} of {{ x }}", "100% {{ q }}", "plain"))
        head = f"blocktranslate with q={self.value()}"
        if self._random.random() < 0.4:
            counts = ("n", "1", "items|length", "n|add:1", "nested|length")
            count = self._random.choice((*counts, self.value()))
            return (
                f"{{% {head} count m={count} %}}{one}{{% plural %}}many {{{{ m }}}}"
                "{% endblocktranslate %}"
            )
        return f"{{% {head} %}}{one}{{% endblocktranslate %}}"

    def _if(self, depth: int) -> str:
        parts = [f"{{% if {self._condition()} %}}{self.body(depth - 1)}"]
        if self._random.random() < 0.3:
            parts.append(f"{{% elif {self._condition()} %}}{self.body(depth - 1)}")
        if self._random.random() < 0.5:
            parts.append(f"{{% else %}}{self.body(depth - 1)}")
        return "".join([*parts, "{% endif %}"])

    def _for(self, depth: int) -> str:
        target = self._random.choice(("x", "x", "y", "a", "x, y"))
        backwards = self._random.choice(("", "", " reversed"))
        empty = f"{{% empty %}}{self.body(depth - 1)}" if self._random.random() < 0.4 else ""
        sequences = (
            "items",
            "pairs",
            "nested",
            "user.children",
            "missing",
            "text",
            "items|slice:2",
        )
        sequence = self._random.choice((*sequences, *sequences, self.value()))
        if target == "x, y" and self._random.random() < 0.9:
            sequence = "pairs"
        loop = self._random.choice(
            (
                "",
                "{{ forloop.counter }}",
                "{{ forloop.revcounter0 }}",
                "{{ forloop.parentloop.last }}",
            )
        )
        return (
            f"{{% for {target} in {sequence}{backwards} %}}{loop}{self.body(depth - 1)}{empty}"
            "{% endfor %}"
        )

    def _with(self, depth: int) -> str:
        second = f" y={self.value()}" if self._random.random() < 0.3 else ""
        name = self._random.choice(("x", "y", "a", "text"))
        return f"{{% with {name}={self.value()}{second} %}}{self.body(depth - 1)}{{% endwith %}}"

    def _around(self, depth: int) -> str:
        head, end = self._random.choice(
            (
                ("autoescape off", "autoescape"),
                ("autoescape on", "autoescape"),
                ("spaceless", "spaceless"),
                ("localize off", "localize"),
                ("localtime off", "localtime"),
                ('timezone "Europe/Paris"', "timezone"),
                ("filter upper", "filter"),
                ('filter force_escape|truncatechars:"20"', "filter"),
                ("filter linebreaksbr", "filter"),
            )
        )
        return f"{{% {head} %}}{self.body(depth - 1)}{{% end{end} %}}"

    def _changed(self, depth: int) -> str:
        values = self._random.choice(("", f" {self.value()}", f" {self.value()} {self.value()}"))
        other = f"{{% else %}}{self.body(depth - 1)}" if self._random.random() < 0.4 else ""
        return f"{{% ifchanged{values} %}}{self.body(depth - 1)}{other}{{% endifchanged %}}"

    def _regroup(self, depth: int) -> str:
        key = self._random.choice(("kind", "name", "number", "0", "kind|upper"))
        values = self._random.choice(("nested", "items", "pairs", self.value()))
        return (
            f"{{% regroup {values} by {key} as groups %}}"
            "{% for g in groups %}[{{ g.grouper }}:{% for x in g.list %}"
            f"{self.body(0)}{{% endfor %}}]{{% endfor %}}"
        )

    def _include(self, depth: int) -> str:
        options = self._random.choice(
            ("", f" with x={self.value()}", f" with y={self.value()} only", " only")
        )
        return f'{{% include "{self._others[0]}"{options} %}}'
