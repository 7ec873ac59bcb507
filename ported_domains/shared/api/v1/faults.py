"""What can be wrong with a request to API v1 (api.md B.2, B.8, B.10)."""

from http import HTTPStatus

from ported_domains.shared.api.inquiry import ApiAnswer


class StopError(Exception):
    """The answer is settled before anything is read or written."""

    def __init__(self, answer: ApiAnswer) -> None:
        self.answer = answer


class BadRequestError(Exception):
    """400 with this text as `error`."""


class UnansweredError(Exception):
    """The canned error with this status."""

    def __init__(self, status: HTTPStatus) -> None:
        self.status = status
