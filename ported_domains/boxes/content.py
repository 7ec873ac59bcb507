"""What the tag of the library `boxes` shows (behaviour/boxes.md).

A page asks for its boxes one by one. Those that its template asked for before are read together,
at the first of them.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, MutableMapping
from typing import Any, Final

from sqlalchemy import ARRAY, String, any_, bindparam, select
from sqlalchemy.orm import Session

from ported_domains.boxes.models import Box
from ported_domains.shared.rendering import RENDERING

log = logging.getLogger(__name__)
_boxes = Box.__table__.c
BY_LABEL = select(_boxes.content_rendered).where(_boxes.label == bindparam("label"))
"""The HTML of one box, as it was made when the box was saved."""
_BY_LABELS = select(_boxes.label, _boxes.content_rendered).where(
    _boxes.label == any_(bindparam("labels", type_=ARRAY(String)))
)
_REMEMBERED: Final = "boxes"
_labels_of: MutableMapping[str, set[str]] = defaultdict(set)
"""Template of a page → labels of the boxes that it showed, in this process."""


def box(session: Session, label: str) -> str | None:
    """HTML of the box with this label; a missing one is worth a line in the log."""
    html = _found(session, label)
    if html is None:
        log.warning("box %r is missing, nothing is shown in its place", label)
    return html


def _found(session: Session, label: str) -> str | None:
    asked = RENDERING.get(None)
    if asked is None or asked.visit.page is None:
        return _read(session, [label]).get(label)
    labels = _labels_of[asked.visit.page[0]]
    read: dict[str, str] | None = asked.remembered.get(_REMEMBERED)
    if read is None:
        read = asked.remembered[_REMEMBERED] = _read(session, labels | {label})
    elif label not in read:
        read |= _read(session, [label])
    if label in read:
        labels.add(label)
    return read.get(label)


def _read(session: Session, labels: Iterable[str]) -> dict[str, str]:
    rows: Any = session.execute(_BY_LABELS, {"labels": sorted(labels)}).all()
    return dict(rows)
