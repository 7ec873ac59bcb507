"""Somebody's work in the admin, and natively, with a row of every model: three parts of it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from legacy_bridge.replication.owners import Owner
from tests.legacy_bridge.replication.admin.bridged import BridgedSite
from tests.legacy_bridge.replication.admin.editing import (
    Added,
    Edited,
    NoChange,
    add_like,
    delete,
    edit_again,
    edit_first,
    write_natively,
)


@dataclass(slots=True)
class Work:
    """What was done so far, and how soon it was on the other side. `unchangeable`: table → why."""

    site: BridgedSite
    edits: dict[str, Edited] = field(default_factory=dict)
    added: dict[str, Added] = field(default_factory=dict)
    unchangeable: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, dict[str, float]] = field(default_factory=dict)

    def do(self, what: str, how: Callable[[BridgedSite, Edited], float]) -> None:
        """To each row that was edited; then wait for everything that follows from it."""
        self.seconds[what] = {name: how(self.site, one) for name, one in self.edits.items()}
        self.site.settle()


def by_hand(site: BridgedSite) -> Work:
    """The legacy side owns everything. Each model: a row edited, one added, that one deleted."""
    work = Work(site)
    deleted: dict[str, float] = {}
    for name in site.pages:
        try:
            work.edits[name] = edit_first(site, name)
        except NoChange as why:
            work.unchangeable[name] = str(why)
            continue
        if added := add_like(site, work.edits[name]):
            work.added[name] = added
            deleted[name] = delete(site, added)
    work.seconds["an edit in Django's admin"] = {n: e.seconds for n, e in work.edits.items()}
    work.seconds["a row added there"] = {n: a.seconds for n, a in work.added.items()}
    work.seconds["a row deleted there"] = deleted
    site.settle()
    site.seen(Owner.LEGACY)
    return work


def astray(work: Work) -> Work:
    """The native rows are changed, against their owner, and edited in the admin after that."""
    work.do("a stray native write", write_natively)
    work.do("an edit on top of it", edit_again)
    return work


def natively_owned(work: Work) -> Work:
    """The same with the native side as the owner: now the edits in the admin are the strays."""
    work.site.hand_over(Owner.NATIVE)
    work.do("a native owner's write", write_natively)
    work.site.seen(Owner.NATIVE)
    work.do("a stray edit in Django's admin", edit_again)
    return work
