"""A CMS page as templates see it, by the names of the legacy model."""

from dataclasses import dataclass

from ported_domains.shared.markup_text import MarkupText


@dataclass(frozen=True, slots=True)
class ShownPage:
    """`content` prints as it was made when the page was saved; nothing was taken out of it."""

    id: int
    title: str
    keywords: str
    description: str
    path: str
    content: MarkupText
    is_published: bool
    content_type: str
    template_name: str

    def __str__(self) -> str:
        return self.title

    @property
    def pk(self) -> int:
        return self.id

    def get_absolute_url(self) -> str:
        """Also of a path like a file's; one that was stored with a slash at its end gets two."""
        return f"/{self.path}/"
