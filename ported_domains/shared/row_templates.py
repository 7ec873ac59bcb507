"""Templates that make HTML for a row: it is stored, and shown to everybody later.

They know no visitor, and ask for no rows beside those that they are given.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

Render = Callable[[str, Mapping[str, Any]], str]
"""A template by its name, with these names."""
RENDER_KEY: Final = "strangler.render"
"""In the app's state, and in a session that `writing` opened: a `Render`."""


def rendered(db: AsyncSession, template: str, names: Mapping[str, Any]) -> str:
    """As the site looks, for a row that is written in this session."""
    render: Render = db.info[RENDER_KEY]
    return render(template, names)
