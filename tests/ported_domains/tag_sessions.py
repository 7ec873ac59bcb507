"""Sessions as the site's own tags have them while a page is rendered."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import create_engine, make_url
from sqlalchemy.orm import Session

from ported_domains.look import look_of
from ported_domains.shared.rendering import Rendering
from ported_domains.shared.resolver import Urls
from ported_domains.site_content import SiteContent
from ported_domains.templatetags.content import CONTENT


@contextmanager
def session_of(database_url: str) -> Iterator[Session]:
    """What is changed in it is gone at its end."""
    engine = create_engine(make_url(database_url).set(drivername="postgresql+psycopg"))
    try:
        with Session(engine) as session:
            yield session
    finally:
        engine.dispose()


def shown(session: Session, source: str, **names: Any) -> str:
    """A template in Django's language, with the site's own tags and the built-in templates."""
    environment = look_of()(Urls([])).environment
    token = CONTENT.set(
        SiteContent(cast(Rendering, SimpleNamespace(reading=lambda _: session, state={})))
    )
    try:
        return environment.from_django(source).render(names)
    finally:
        CONTENT.reset(token)
