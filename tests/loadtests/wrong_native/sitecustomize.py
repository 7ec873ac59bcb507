"""On PYTHONPATH of a proxy: version 2 of the API tells the names of releases in lower case.

Python imports this before anything else; the domain is changed when it is there.
"""

import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

MODULE = "ported_domains.downloads.api_v2"


class Wrong(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Any, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target) if fullname == MODULE else None
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def execute_and_change(module: ModuleType) -> None:
            execute(module)
            change(module)

        spec.loader.exec_module = execute_and_change  # type: ignore[method-assign]
        return spec


def change(module: ModuleType) -> None:
    from sqlalchemy import func

    (name,) = [field for field in module.RELEASE.fields if field.name == "name"]
    object.__setattr__(name, "column", func.lower(name.column).label("name"))


sys.meta_path.insert(0, Wrong())
