"""What a template mentions, with all that it extends, includes or imports: read from its source.

So a page asks the databases once, and only for what it shows.
"""

from collections.abc import Callable, Iterable, Iterator

from jinja2 import Environment, nodes
from jinja2.meta import find_referenced_templates, find_undeclared_variables


def parts(environment: Environment, template: str) -> Iterator[nodes.Template]:
    """The template and those it builds on, each once; names that are only known when it is
    rendered are left out."""
    waiting, seen = [template], {template}
    while waiting and environment.loader is not None:
        source = environment.loader.get_source(environment, waiting.pop())[0]
        tree = environment.parse(source)
        yield tree
        found = {name for name in find_referenced_templates(tree) if name is not None}
        waiting += found - seen
        seen |= found


class Mentions:
    """What `find` finds in each template and in those it builds on; known after the first question.

    By default these are the names that a template leaves to its context.
    """

    def __init__(
        self,
        environment: Environment,
        find: Callable[[nodes.Template], Iterable[str]] = find_undeclared_variables,
    ) -> None:
        self._environment = environment
        self._find = find
        self._known: dict[str, frozenset[str]] = {}

    def of(self, template: str) -> frozenset[str]:
        if template not in self._known or self._environment.auto_reload:
            trees = parts(self._environment, template)
            self._known[template] = frozenset().union(*map(self._find, trees))
        return self._known[template]
