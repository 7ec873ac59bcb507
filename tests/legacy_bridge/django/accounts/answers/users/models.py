"""Users whose names are looked up without regard to case, as the site does it."""

# Django and its apps come without types.
# mypy: disable-error-code="import-untyped, misc, no-any-return"

from django.contrib.auth.models import AbstractUser, UserManager


class AnyCaseManager(UserManager):
    def get_by_natural_key(self, username: str) -> "User":
        try:
            return self.get(username=username)
        except self.model.DoesNotExist:
            return self.get(username__iexact=username)


class User(AbstractUser):
    objects = AnyCaseManager()
