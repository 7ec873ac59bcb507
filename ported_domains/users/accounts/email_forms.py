"""The form that adds an address to an account."""

from ported_domains.shared.forms import Form, ValidationError
from ported_domains.users.accounts.addresses import LONGEST
from ported_domains.users.accounts.fields import EmailField

ALREADY_YOURS = "This email address is already associated with this account."


class AddEmailForm(Form):
    email = EmailField()

    def clean_email(self) -> str:
        """Django lets longer ones through to the database, and fails there."""
        email: str = self.cleaned_data["email"]
        if len(email) > LONGEST:
            raise ValidationError(
                f"Ensure this value has at most {LONGEST} characters (it has {len(email)}).",
                code="max_length",
            )
        return email
