"""What is wrong with a message. Whose fault it is, the caller knows."""


class MalformedError(Exception):
    """Not what the protocol allows, or more than we take.

    `status` is what a client is told; an upstream's fault becomes 502 whatever it is.
    """

    def __init__(self, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.status = status


class TooLargeError(MalformedError):
    """More than we take, not malformed."""
