"""Tests that `.ci/run` leaves out, so that it ends in time; `scripts/test` runs them."""

import os

import pytest

LONGER = pytest.mark.skipif(
    "STRANGLER_SHORT" in os.environ, reason="STRANGLER_SHORT is set: the long form alone has it"
)
