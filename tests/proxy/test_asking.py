"""What `strangler rollback` goes back to."""

import pytest

from proxy.asking import left_to_take_back

L, S, C, C20, R, N = "legacy", "shadow", "canary 5.0 %", "canary 20.0 %", "reads", "native"


@pytest.mark.parametrize(
    ("flips", "back_to"),
    [
        ([], None),
        ([(L, N)], L),
        ([(L, R), (R, N)], R),
        # Taken back once, the one before is next; taken back twice, nothing is left.
        ([(L, R), (R, N), (N, R)], L),
        ([(L, R), (R, N), (N, R), (R, L)], None),
        # A way forward after that is a new one.
        ([(L, R), (R, N), (N, R), (R, N)], R),
        ([(L, N), (N, L), (L, S), (S, C)], S),
        ([(L, S), (S, C), (C, C20)], C),
        # A canary that was ended.
        ([(L, S), (S, C), (C, C20), (C20, S)], L),
        ([(L, R), (R, N), (N, L)], None),
    ],
)
def test_a_step_is_taken_back_once(flips: list[tuple[str, str]], back_to: str | None) -> None:
    assert left_to_take_back(flips) == back_to
