"""`STRANGLER_TEST_POSTGRES_BIN`: a folder with `postgres` and `initdb` of another version, on which
the tests run in place of the embedded one. They find `lib` and `share` from there."""

import os
import subprocess
from pathlib import Path

from proxy.embedded import postgres

NAME = "STRANGLER_TEST_POSTGRES_BIN"
BUILTIN_LOCALES = 17
"""The version that brought them."""


def use_named_postgres() -> None:
    if NAME not in os.environ:
        return
    programs = Path(os.environ[NAME])
    if programs.name != "bin" or not (programs / "initdb").is_file():
        raise RuntimeError(f"{NAME}={programs} is not a folder named bin with initdb in it")
    said = subprocess.run(
        [programs / "postgres", "--version"], check=True, capture_output=True, text=True
    ).stdout
    vars(postgres)["postgres_install"] = lambda: programs.parent
    if int(said.split()[2].split(".")[0]) < BUILTIN_LOCALES:
        postgres.LOCALE = ("--locale=C.UTF-8",)
