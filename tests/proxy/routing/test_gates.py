"""What routing.yaml says a domain has to show before it goes further."""

import pytest

from proxy.routing.config import OPEN, GatesConfig, RoutingConfig
from proxy.routing.faults import RoutingError
from proxy.routing.parse import parse

DOMAIN = "domains:\n  downloads:\n    phase: shadow\n    sample: 25\n"


def written(top: str = "", own: str = "") -> RoutingConfig:
    return parse(f"version: 1\n{top}{DOMAIN}{own}", ["downloads"])


def faults(top: str = "", own: str = "") -> list[str]:
    with pytest.raises(RoutingError) as caught:
        written(top, own)
    return [str(fault) for fault in caught.value.faults]


def test_without_a_word_the_defaults_hold() -> None:
    config = written()
    assert config.gates_of("downloads") == GatesConfig()
    assert config.domains["downloads"].sample == 25


def test_a_domain_says_only_what_is_otherwise() -> None:
    config = written("gates: {samples: 50, lag: 2s}\n", "    gates: {samples: 0, window: 1m}\n")
    gates = config.gates_of("downloads")
    assert (gates.samples, gates.lag, gates.window, gates.parity) == (0, 2.0, 60.0, 99.0)


@pytest.mark.parametrize("where", ["top", "own"])
def test_off_lets_everything_pass(where: str) -> None:
    lines = {"top": ("gates: off\n", ""), "own": ("", "    gates: off\n")}
    gates = written(*lines[where]).gates_of("downloads")
    assert {name: getattr(gates, name) for name in OPEN} == OPEN


def test_what_is_wrong_is_named_with_its_place() -> None:
    found = faults("gates: {sample: 5, parity: 101, lag: }\n", "    gates: sometimes\n")
    keys = "samples, parity, lag, errors, latency, window"
    assert found == [
        f"2:9: gates.sample: this key is not known — did you mean samples? known are {keys}",
        ("2:28: gates.parity: the number 101 is no percentage — write a number from 0 to 100"),
        "2:33: gates.lag: has no value — write for example lag: 5s",
        (
            "7:12: domains.downloads.gates: 'sometimes' is neither off nor a mapping"
            " — write gates: off"
        ),
    ]


def test_false_is_not_off() -> None:
    assert len(faults("gates: false\n")) == 1
