"""A tree of domains that a project starts from: none but those that are generated into it."""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from legacy_bridge.replication.mapping import TableMapping

PROJECT = Path(__file__).resolve().parents[3]
PROOF = Path(__file__).with_name("proof.py")

REGISTRY = """\
from types import MappingProxyType

{imports}

DOMAINS = MappingProxyType({{each.name: each for each in ({names},)}})
"""


@dataclass(frozen=True, slots=True)
class Tree:
    """`domains` are names of domains that were generated into `root`."""

    root: Path
    domains: tuple[str, ...]

    def register(self) -> None:
        """What a person does by hand."""
        names = [name.upper() for name in self.domains]
        imports = (f"from ported_domains.{name} import {name.upper()}" for name in self.domains)
        text = REGISTRY.format(imports="\n".join(imports), names=", ".join(names))
        (self.root / "ported_domains" / "registry.py").write_text(text)

    def mapping(self, domain: str) -> Sequence[TableMapping]:
        """Its MAPPING, without the models, which would become models of this process."""
        file = self.root / "ported_domains" / domain / "mapping.py"
        spec = importlib.util.spec_from_file_location(f"generated_{domain}", file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        mapping: Sequence[TableMapping] = module.MAPPING
        return mapping

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """A Python that finds this tree before the project's own."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.root,
            env=os.environ
            | {
                "PYTHONPATH": os.pathsep.join(map(str, (self.root, PROJECT))),
                "MYPYPATH": os.pathsep.join(map(str, (self.root, PROJECT))),
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            capture_output=True,
            text=True,
            check=False,
        )


def new_tree(root: Path) -> None:
    """What every native side has, and no domain."""
    shutil.copytree(PROJECT / "migrations", root / "migrations", ignore=_compiled)
    domains = root / "ported_domains"
    shutil.copytree(PROJECT / "ported_domains" / "shared", domains / "shared", ignore=_compiled)
    for name in ("__init__.py", "domain.py"):
        shutil.copy(PROJECT / "ported_domains" / name, domains / name)


_compiled = shutil.ignore_patterns("__pycache__")
