"""The form with which a story is submitted (behaviour/successstories.md §4). What only the database
can tell its page adds."""

from collections.abc import Iterable
from typing import Final

from pydantic import field_validator

from ported_domains.shared.forms import (
    CharField,
    Cleaned,
    EmailField,
    Form,
    Textarea,
    TypedChoiceField,
    URLField,
    ValidationError,
    Values,
)
from ported_domains.shared.slugs import slugify
from ported_domains.successstories.catalogue import StoryCategory

NAME_TAKEN: Final = "Please use a unique name."
NAME_TOO_LONG: Final = "Please use a shorter name: its address would be too long."
LONGEST_SLUG: Final = 200
_NO_SUCH_CATEGORY: Final = "Select a valid choice. That choice is not one of the available choices."
_MARKDOWN: Final = "https://www.markdownguide.org/basic-syntax/"


class Submission(Cleaned):
    name: str
    company_name: str
    company_url: str
    category: int
    author: str
    author_email: str | None
    pull_quote: str
    content: str

    @field_validator("name")
    @classmethod
    def _has_a_storable_slug(cls, name: str) -> str:
        """It may be longer: U+33AF alone becomes `rads2`."""
        if len(slugify(name)) > LONGEST_SLUG:
            raise ValidationError(NAME_TOO_LONG)
        return name


class StoryForm(Form[Submission]):
    name = CharField(label="Story name", max_length=200)
    company_name = CharField(max_length=500)
    company_url = URLField(label="Company URL", max_length=200)
    category = TypedChoiceField(coerce=int, error_messages={"invalid_choice": _NO_SUCH_CATEGORY})
    author = CharField(max_length=500, help_text="Author of the content")
    author_email = EmailField(required=False, max_length=100, empty_value=None)
    pull_quote = CharField(widget=Textarea({"rows": "5"}))
    content = CharField(
        widget=Textarea(),
        help_text=f'Best written in <a href="{_MARKDOWN}">Markdown</a>: then it is out sooner.',
    )

    def __init__(self, data: Values | None, categories: Iterable[StoryCategory]) -> None:
        super().__init__(data)
        offered = [(category.id, category.name) for category in categories]
        self.change("category", choices=[("", "---------"), *offered])
