"""A markup field as templates see it (behaviour/site.md §14)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MarkupText:
    """`raw` is what was typed, `rendered` the HTML made of it, which was sanitised when it was
    saved. It prints as that HTML; without a text it is empty, and so false."""

    raw: str
    markup_type: str
    rendered: str

    def __html__(self) -> str:
        return self.rendered

    def __str__(self) -> str:
        return self.rendered

    def __bool__(self) -> bool:
        return bool(self.raw)

    def __len__(self) -> int:
        """Of the text; a filter that measures it sees what an editor typed."""
        return len(self.raw)
