"""Locust's events: each request leads to the figures, the end of the load to the report.

Several processes (`--processes`, `--master` and `--worker`) each count their own; the master adds
them up and reports.
"""

import json
from typing import Any

import gevent
from locust.env import Environment
from locust.event import Events
from locust.runners import MasterRunner, WorkerRunner

from loadtests.journeys.figures import NOBODY
from loadtests.journeys.load import Load, load_of
from loadtests.journeys.options import Options, add_options
from loadtests.journeys.seen import Seen

SEEN = "journeys"
"""Name of our part in what Locust's processes tell each other."""


def listen(events: Events) -> None:
    """Called once, by the locustfile."""
    events.init_command_line_parser.add_listener(add_options)
    events.init.add_listener(_begin)


def _begin(environment: Environment, **_: Any) -> None:
    # Else what starting has taken counts as time that the load has run.
    gevent.get_hub().loop.update_now()
    events = environment.events
    _prepare(environment)
    events.test_start.add_listener(_prepare)
    events.test_stopping.add_listener(_end)
    events.request.add_listener(_Requests(environment).note)
    events.user_error.add_listener(_note_error)
    if isinstance(environment.runner, WorkerRunner):
        events.report_to_master.add_listener(_Worker(environment).tell)
        return
    events.worker_report.add_listener(_Master(environment).hear)
    events.quitting.add_listener(_report)


def _prepare(environment: Environment, **_: Any) -> None:
    """A new load; the page of Locust may start one after the other."""
    options = Options.of(environment.parsed_options)
    alone = not isinstance(environment.runner, WorkerRunner | MasterRunner)
    load = Load(environment.host or "", options, alone=alone)
    environment.journeys = load  # type: ignore[attr-defined]  # read by `load_of`


def _end(environment: Environment, **_: Any) -> None:
    load_of(environment).over.set()


class _Requests:
    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def note(
        self, name: str, response_time: float, response: Any, exception: Any, **_: Any
    ) -> None:
        headers = getattr(response, "headers", None) or {}
        owner = headers.get("strangler-owner", NOBODY)
        reason = None if exception is None else str(exception)
        load_of(self._environment).seen.figures.add(name, owner, response_time, reason)


def _note_error(user_instance: Any, exception: Exception, **_: Any) -> None:
    """A visitor that did not know what to do with an answer; Locust itself only counts it."""
    step = f"{user_instance.journey}: an answer that was no use"
    figures = load_of(user_instance.environment).seen.figures
    figures.add(step, NOBODY, 0.0, f"{type(exception).__name__}: {exception}")


class _Worker:
    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def tell(self, data: dict[str, Any], **_: Any) -> None:
        data[SEEN] = load_of(self._environment).taken().to_builtins()


class _Master:
    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def hear(self, data: dict[str, Any], **_: Any) -> None:
        if SEEN in data:
            load_of(self._environment).seen.merge(Seen.from_builtins(data[SEEN]))


def _report(environment: Environment, **_: Any) -> None:
    # The report is made with the command for parity, which imports all that is ported.
    from loadtests.journeys.report import LoadReport

    load = load_of(environment)
    report = LoadReport(load.seen.lasting(load.seconds), asserting=load.options.parity > 0)
    if load.options.report is not None:
        load.options.report.write_text(json.dumps(load.seen.to_builtins()))
    else:
        print(report.as_text())
    if not report.held:
        environment.process_exit_code = 1
