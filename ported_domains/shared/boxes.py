"""Editable snippets that templates embed by label: `{{ box("download-pgp") }}`.

Which labels a template names is read from its source once, so that a page gets all of its boxes
in one query.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping

from jinja2 import Environment, nodes
from markupsafe import Markup
from sqlalchemy import bindparam, column, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from ported_domains.shared.mentions import Mentions

log = logging.getLogger(__name__)
_boxes = table("boxes", column("label"), column("content_rendered"))
_BY_LABEL = select(_boxes).where(_boxes.c.label.in_(bindparam("labels", expanding=True)))


class BoxLabels(Mentions):
    """Labels named by each template, with those of the templates it extends or includes."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment, _labels)


def _labels(tree: nodes.Template) -> Iterator[str]:
    for call in tree.find_all(nodes.Call):
        match call:
            case nodes.Call(node=nodes.Name(name="box"), args=[nodes.Const(value=str(label))]):
                yield label


async def load_boxes(db: AsyncSession, labels: Iterable[str]) -> dict[str, Markup]:
    """HTML of the boxes with these labels, as stored: the legacy site sanitised it when saving."""
    wanted = sorted(labels)
    if not wanted:
        return {}
    rows = await db.execute(_BY_LABEL, {"labels": wanted})
    return {row.label: Markup(row.content_rendered) for row in rows}  # noqa: S704


def box_lookup(boxes: Mapping[str, Markup]) -> Callable[[str], Markup]:
    def box(label: str) -> Markup:
        if label not in boxes:
            log.warning("box %r is missing, nothing is shown in its place", label)
        return boxes.get(label, Markup(""))

    return box
