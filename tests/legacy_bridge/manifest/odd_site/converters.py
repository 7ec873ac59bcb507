"""Converters as projects have them, usable on both sides."""


class Year:
    """Reads and writes in another form than it matches."""

    regex = "[0-9]{4}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: object) -> str:
        return f"{int(str(value)):04d}"


class Even:
    """Matches more than it takes."""

    regex = "[0-9]+"

    def to_python(self, value: str) -> int:
        if int(value) % 2:
            raise ValueError(value)
        return int(value)

    def to_url(self, value: object) -> str:
        return str(self.to_python(str(value)))


GIVEN = {f"{__name__}.{kind.__name__}": kind() for kind in (Year, Even)}
