"""The parts that the demo and the tests put together: the legacy site, the proxy, our commands."""

import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

import httpx
import psutil  # type: ignore[import-untyped]

from proxy.embedded.child import Child, EmbeddedError, free_port

PROJECT = Path(__file__).resolve().parents[2]
TESTS = PROJECT / "tests"
MANAGE = TESTS / "legacy_site" / "manage.py"
SECRET_KEY = "known to everybody: for the demo and the tests only"  # noqa: S105

OFFLINE = {"STRANGLER_RELEASE_CYCLE_URL": "off"}
"""The bundled site asks nobody outside, so neither does the native side."""
SITE_WORKERS = 2
SITE_THREADS = 4
"""Threads also because a request may then take as long as it needs: gunicorn's time-out is for a
worker that gives no sign of life, which threaded ones give beside their requests."""
SITE_STOP_SECONDS = 2
START_SECONDS = 60
OUTPUT_TAIL_LINES = 25


class CommandFailed(EmbeddedError):  # noqa: N818  # read as a sentence: the command failed
    """A command of ours, or Django's, ended with another code than 0."""


class LegacySite:
    """The bundled Django site under gunicorn, on the same port from one start to the next.

    `folder` takes uploads, what is mailed and the log. `throttling` limits callers of the API,
    `account_limits` how often one may sign in, sign up and the like. `interpreter` is a Python with
    the packages of the site, `options` are further settings that it reads from the environment.
    """

    def __init__(
        self,
        database_url: str,
        folder: Path,
        *,
        throttling: bool = True,
        account_limits: bool = True,
        interpreter: str = sys.executable,
        options: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        if not MANAGE.exists():
            raise EmbeddedError(
                f"the bundled legacy site is not there ({MANAGE}); "
                "it comes with a clone of the project, not with the installed package"
            )
        self.database_url = database_url
        self.media = folder / "media"
        self.media.mkdir(exist_ok=True)
        self.mails = folder / "mails"
        self._log = folder / "legacy.log"
        self._port = free_port()
        self._environment = {
            "DJANGO_SETTINGS_MODULE": "legacy_site.settings",
            "LEGACY_DATABASE_URL": database_url,
            "LEGACY_MEDIA_ROOT": str(self.media),
            "LEGACY_SECRET_KEY": SECRET_KEY,
            "LEGACY_MAIL_FOLDER": str(self.mails),
            "LEGACY_THROTTLING": "1" if throttling else "0",
            "LEGACY_ACCOUNT_LIMITS": "1" if account_limits else "0",
            "COVERAGE_PROCESS_CONFIG": "",  # measuring Django's code makes it half as fast
            **options,
        }
        self._interpreter = interpreter
        self._server: Child | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def manage(self, *arguments: str) -> None:
        """Run a command of Django's, such as `migrate` or `seed`."""
        run(
            f"manage.py {arguments[0]}",
            [str(MANAGE), *arguments],
            self._environment,
            interpreter=self._interpreter,
        )

    def manifest(self, file: Path) -> Path:
        """Have the site write what it tells about itself."""
        self.manage("strangler_manifest", "--output", str(file))
        return file

    def start(self) -> None:
        """Start gunicorn and return once it answers."""
        self._server = Child(
            "the legacy site (gunicorn)",
            [
                *(self._interpreter, "-m", "gunicorn", "legacy_site.wsgi:application"),
                *("--bind", f"127.0.0.1:{self._port}"),
                *("--workers", str(SITE_WORKERS), "--threads", str(SITE_THREADS)),
                "--preload",
                # An open WebSocket or event stream would hold the end of the demo back.
                *("--graceful-timeout", str(SITE_STOP_SECONDS)),
                # It would lie in the home folder, which need not be writable.
                "--no-control-socket",
            ],
            log=self._log,
            environment=_environment(self._environment),
            folder=TESTS,
        )
        self._server.wait_until(lambda: answers(f"{self.url}/"), within=START_SECONDS)

    def processes(self) -> list[psutil.Process]:
        """All of gunicorn's, while it runs."""
        if self._server is None:
            return []
        return list(psutil.Process(self._server.keeper).children(recursive=True))

    def stop(self) -> None:
        if self._server is not None:
            self._server.close()


class RunningProxy:
    """`strangler serve` with these settings, ready to answer. `folder` takes the log."""

    def __init__(
        self, settings: Mapping[str, str], folder: Path, *, port: int, workers: int = 2
    ) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.log = folder / "proxy.log"
        self._command = _strangler("serve", "--port", str(port), "--workers", str(workers))
        self._server = Child(
            "the proxy (strangler serve)",
            self._command,
            log=self.log,
            environment=_environment(settings),
            folder=folder,
        )
        ready = f"{self.url}/__strangler__/health/ready"
        self._server.wait_until(lambda: answers(ready), within=START_SECONDS)

    @property
    def running(self) -> bool:
        return self._server.running

    def processes(self) -> list[psutil.Process]:
        """The process that was started, and all below it; `LookupError` when it is gone."""
        for process in psutil.Process().children(recursive=True):
            with suppress(psutil.Error):
                if process.cmdline() == self._command:
                    return [process, *process.children(recursive=True)]
        raise LookupError("the proxy is not running")

    def close(self) -> None:
        self._server.close()


def strangler(*arguments: str, settings: Mapping[str, str], folder: Path) -> str:
    """Run one of our own commands as a user would; its output, or `CommandFailed`."""
    name = f"strangler {' '.join(arguments)}"
    return run(name, _strangler(*arguments)[1:], settings, folder)


def run(
    name: str,
    arguments: list[str],
    settings: Mapping[str, str],
    folder: Path = PROJECT,
    *,
    interpreter: str = sys.executable,
) -> str:
    """Run a Python with arguments; what it printed, or `CommandFailed` with the end of it."""
    done = subprocess.run(
        [interpreter, *arguments],
        env=_environment(settings),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        tail = "\n".join(f"  {line}" for line in done.stdout.splitlines()[-OUTPUT_TAIL_LINES:])
        raise CommandFailed(f"{name} ended with {done.returncode}:\n{tail}")
    return done.stdout


def answers(url: str) -> bool:
    """Whether this URL is answered with 200 now."""
    try:
        return httpx.get(url, timeout=5, trust_env=False).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _strangler(*arguments: str) -> list[str]:
    return [
        sys.executable,
        "-c",
        "from proxy.cli import main; main(prog_name='strangler')",
        *arguments,
    ]


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    """This process's environment, with these settings and no others that would steer the parts."""
    foreign = ("STRANGLER_", "LEGACY_", "DJANGO_", "GUNICORN_", "PG")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    path = os.pathsep.join(filter(None, [str(PROJECT), kept.get("PYTHONPATH")]))
    return kept | {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1"} | OFFLINE | dict(settings)
