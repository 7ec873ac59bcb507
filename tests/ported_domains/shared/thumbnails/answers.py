"""Answers of real sorl-thumbnail: `[question, arguments]` a line in, a line out.

Run by `side.py` with the folder of uploads and further settings; imports nothing but Django, sorl
and the exporter.
"""

import json
import logging
import sys
from typing import Any

import django
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.template import Context, Engine
from django.template.context import RenderContext


def configure(root: str, told: dict[str, Any]) -> None:
    """KVStore rows are in a database in memory, and cached nowhere: only files tell what was."""
    settings.configure(
        **{
            "INSTALLED_APPS": ["sorl.thumbnail"],
            "DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
            "CACHES": {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}},
            "MEDIA_ROOT": root,
            "MEDIA_URL": "/media/",
            **told,
        }
    )
    django.setup()
    logging.disable()
    with connection.schema_editor() as editor:
        editor.create_model(_rows())


def _rows() -> Any:
    from sorl.thumbnail.models import KVStore

    return KVStore


def exported() -> Any:
    """What the exporter writes of this project's thumbnails."""
    from legacy_bridge.exporter.thumbnails import exported_thumbnails

    return exported_thumbnails()


def rendered(source: str, template: str) -> str:
    """`image` is an upload of that name, as a model's field has it."""
    from django.db.models.fields.files import FieldFile, FileField

    engine = Engine(libraries={"thumbnail": "sorl.thumbnail.templatetags.thumbnail"})
    field = FileField(storage=default_storage)
    image = FieldFile(None, field, source)
    text = "{% load thumbnail %}" + template
    context = Context({"image": image, "told": {"crop": "top"}})
    context.render_context = RenderContext()
    return str(engine.from_string(text).render(context))


def forget() -> None:
    """As if the rows were lost: then sorl looks for files."""
    _rows().objects.all().delete()


def rows() -> int:
    return int(_rows().objects.count())


def answer(question: str, arguments: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"value": globals()[question](**arguments)}
    except Exception as error:
        return {"raised": type(error).__name__, "why": str(error)}


if __name__ == "__main__":
    configure(sys.argv[1], json.loads(sys.argv[2]))
    for line in sys.stdin:
        print(json.dumps(answer(*json.loads(line))), flush=True)
