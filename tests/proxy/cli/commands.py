"""Commands of ours, in this process."""

from click.testing import CliRunner, Result

from proxy.cli import main
from tests.legacy_bridge.replication.sides import Sides


def strangler(sides: Sides, *arguments: str) -> Result:
    """With both databases."""
    return CliRunner().invoke(main, arguments, env=sides.settings)
