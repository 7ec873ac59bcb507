"""An upload as templates see it. A row holds its name only."""

from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import quote

MEDIA_URL = "/media/"
_KEPT_IN_URLS = "/~!*()'"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Without a name there is no file, and it is false. It prints as its name."""

    name: str

    def __bool__(self) -> bool:
        return bool(self.name)

    def __str__(self) -> str:
        return self.name

    @property
    def url(self) -> str:
        """`ValueError` without a file, as in Django; what that would show is worth a fault."""
        if not self.name:
            raise ValueError("no file was uploaded, so there is no address of it")
        return MEDIA_URL + quote(self.name, safe=_KEPT_IN_URLS)

    @property
    def width(self) -> int:
        self._unknown()

    @property
    def height(self) -> int:
        self._unknown()

    def _unknown(self) -> NoReturn:
        """Uploads stay where the legacy site keeps them. It answers in the same way where it
        misses one, and templates have an answer to that."""
        raise FileNotFoundError(f"the native side has no uploads, so nobody measured {self.name!r}")
