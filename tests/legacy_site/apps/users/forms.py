from typing import ClassVar

from django import forms

from legacy_site.apps.users.models import User


class ProfileForm(forms.ModelForm):
    class Meta:
        model = User
        fields = (
            "username",
            "first_name",
            "last_name",
            "email",
            "bio",
            "search_visibility",
            "email_privacy",
            "public_profile",
        )
        widgets: ClassVar = {
            "search_visibility": forms.RadioSelect,
            "email_privacy": forms.RadioSelect,
        }

    def clean_username(self) -> str:
        """The database lets names differ in casing alone; people may not."""
        username = self.cleaned_data["username"]
        if self._others().filter(username__iexact=username).exists():
            raise forms.ValidationError("A user with that username already exists.")
        return username

    def clean_email(self) -> str:
        """As written, and without an exception for no address at all."""
        email = self.cleaned_data["email"]
        if self._others().filter(email=email).exists():
            raise forms.ValidationError("Use an e-mail address that no other account has.")
        return email

    def _others(self):
        return User.objects.exclude(pk=self.instance.pk)
