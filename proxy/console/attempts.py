"""How often a worker lets somebody try tokens. Only those that are wrong count, and only against
the address that they came from: else any stranger could keep all operators out."""

from collections import deque
from dataclasses import dataclass, field

EACH = 5
"""Wrong tokens of one address, within so many seconds."""
SECONDS = 60.0
REMEMBERED = 10_000
"""Of all addresses; of more the oldest are forgotten."""


@dataclass(slots=True)
class Attempts:
    """`now` is in seconds of any clock that only goes forward."""

    _failed: deque[tuple[float, str]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    def wait(self, address: str, now: float) -> float:
        """Seconds until this address may try again; 0 for at once."""
        while self._failed and self._failed[0][0] <= now - SECONDS:
            self._failed.popleft()
        own = [at for at, whose in self._failed if whose == address]
        return own[-EACH] + SECONDS - now if len(own) >= EACH else 0.0

    def failed(self, address: str, now: float) -> None:
        self._failed.append((now, address))
