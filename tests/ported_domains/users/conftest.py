"""Each test has both databases to itself."""

from tests.ported_domains.copied import legacy, native, sides

__all__ = ["legacy", "native", "sides"]
