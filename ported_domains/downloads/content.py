"""What the tags of the library `download_tags` show (behaviour/downloads.md §6).

`cycle` is the life of each series as last heard from its source, None without one. That is not in
a row: who renders a page gives it.
"""

from typing import Any

from sqlalchemy.orm import Session

from ported_domains.downloads import cycle as cycles
from ported_domains.downloads import queries
from ported_domains.downloads.cycle import Cycle


def active_releases(session: Session, cycle: Cycle | None) -> dict[str, Any]:
    """`releases` are the rows of the table of supported series, newest first."""
    newest = queries.newest_of_each_minor(session) if cycle else {}
    return {"releases": cycles.active_releases(cycle, newest)}


def end_of_life(session: Session, release: Any, cycle: Cycle | None) -> dict[str, Any]:
    """`is_eol` and `eol_date` of the series that the release is of; it has `get_version`."""
    return cycles.end_of_life(release.get_version(), cycle)._asdict()
