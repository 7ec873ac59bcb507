"""The form that adds an address to an account."""

from ported_domains.shared.forms import Cleaned, Form
from ported_domains.users.accounts.fields import EmailField, StorableEmail

ALREADY_YOURS = "This email address is already associated with this account."


class AddEmail(Cleaned):
    email: StorableEmail


class AddEmailForm(Form[AddEmail]):
    email = EmailField()
