"""The databases of the bridge's tests."""

from tests.proxy.bridge.conftest import legacy_tables, other_sides, sides

__all__ = ["legacy_tables", "other_sides", "sides"]
