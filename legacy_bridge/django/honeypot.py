"""django-honeypot: a form field that people do not see and must leave as it is.

Checked before log-in and permissions (behaviour/site.md 8); the answer is a page with status 400.
"""

from dataclasses import dataclass
from typing import Protocol


class SubmittedForm(Protocol):
    """Of a field that came twice, the last value counts."""

    def get(self, name: str, /) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Honeypot:
    """HONEYPOT_FIELD_NAME and HONEYPOT_VALUE."""

    field: str = "email_body_text"
    value: str = "write your message"

    def caught(self, method: str, form: SubmittedForm) -> str | None:
        """The field's name, for the page that refuses; None if the request may pass.

        Only POST is looked at.
        """
        if method != "POST" or form.get(self.field) == self.value:
            return None
        return self.field

    def template_context(self) -> dict[str, str]:
        """What the tag gives to `honeypot/honeypot_field.html`."""
        return {"fieldname": self.field, "value": self.value}
