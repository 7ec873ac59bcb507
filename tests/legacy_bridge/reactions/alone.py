"""In a process of its own: the database's URL, and a file that takes what the reader was told."""

import json
import sys
from pathlib import Path
from threading import Event

from legacy_bridge.reactions.changes import Gap
from legacy_bridge.reactions.reacting import react
from legacy_bridge.reactions.subscription import News, Subscription
from tests.legacy_bridge.reactions.shop import NAME, TABLES

if __name__ == "__main__":
    file = Path(sys.argv[2])

    def take(news: News) -> None:
        told = [] if isinstance(news, Gap) else [change for one in news for change in one.changes]
        with file.open("a") as lines:
            for change in told:
                lines.write(f"{json.dumps([change.position, change.ordinal, *change.key])}\n")

    react(sys.argv[1], [Subscription(NAME, TABLES, take)], Event())
