"""Profiles, and the two pages of allauth that the site has its own way with."""

from allauth.account.views import PasswordChangeView, SignupView
from django.contrib.auth.mixins import LoginRequiredMixin
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.generic import DetailView, UpdateView

from legacy_site.apps.cms.honeypot import check_honeypot
from legacy_site.apps.users.forms import ProfileForm
from legacy_site.apps.users.models import User

honeypot_first = method_decorator(check_honeypot, name="dispatch")


@honeypot_first
class SignUp(SignupView):
    """allauth's, with a honeypot."""


@honeypot_first
class ChangePassword(PasswordChangeView):
    """allauth's, with a honeypot; leads to the profile's form whatever `next` says."""

    def get_success_url(self) -> str:
        return reverse("users:user_profile_edit")


class Profile(DetailView):
    """`user` in the template is whose profile it is; the visitor is `request.user`."""

    model = User
    slug_field = "username"
    template_name = "users/user_detail.html"

    def get_queryset(self):
        """One's own is always shown, those of others if they want to be found."""
        if self.request.user.get_username() == self.kwargs["slug"]:
            return User.objects.all()
        return User.objects.searchable()


@honeypot_first
class EditProfile(LoginRequiredMixin, UpdateView):
    form_class = ProfileForm
    template_name = "users/user_form.html"

    def get_object(self, queryset=None) -> User:
        # Not request.user: the page's menu must not show a name that the form refuses.
        return User.objects.get(pk=self.request.user.pk)
