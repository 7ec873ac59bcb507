"""What a path means that no page has: the domains that know more are asked, in their order, before
404 is answered or a slash added (behaviour/site.md §2)."""

from collections.abc import Iterable
from typing import Any, Final

from ported_domains.domain import Domain, tables_shown
from ported_domains.shared.database import one_session
from ported_domains.shared.manners import Answer
from ported_domains.shared.render import Show, Templates
from ported_domains.shared.rendering import Sources
from ported_domains.shared.visit import Visit
from ported_domains.shared.visitors.state import VisitorState

BEYOND: Final = "beyond"
"""In the place of a handler's key, for paths that no handler has."""


class Beyond:
    """The domains that have a `beyond`; `tables` are those that they show of their own."""

    def __init__(self, domains: Iterable[Domain], templates: Templates, sources: Sources) -> None:
        knowing = {domain.name: domain for domain in domains}
        self._asked = [domain for domain in knowing.values() if domain.beyond]
        self._templates = templates
        self._sources = sources
        shown = (tables_shown(one, knowing) for one in self._asked if not one.shares_rows)
        self.tables = frozenset[str]().union(*shown)

    async def ask(self, visit: Visit, visitor: VisitorState | None) -> Answer | None:
        """None where the 404 stands. Nobody is asked twice, nor where the legacy side has the last
        word."""
        if visit.fell_back or visit.last_word == "legacy":
            return None
        visit.fell_back = True
        visit.read_tables |= self.tables
        scope: dict[str, Any] = {}
        show = Show(self._templates, visit, visitor, scope, self._sources)
        async with one_session(self._sources.read, scope) as read:
            for domain in self._asked:
                for answer in domain.beyond:
                    found: Answer | None = await answer(visit, visitor, show, read)
                    if found is not None:
                        visit.found_beyond = True
                        return found
        return None
