from django.apps import AppConfig
from django.contrib.auth import get_user_model
from django.db.models.signals import post_save


def _make_token(sender, instance, created, **kwargs) -> None:
    from rest_framework.authtoken.models import Token

    if created:
        Token.objects.create(user=instance)


class UsersConfig(AppConfig):
    name = "legacy_site.apps.users"

    def ready(self) -> None:
        """Every new user gets a token (API v2) and, unless a fixture brings it, a key (API v1)."""
        from tastypie.models import create_api_key

        user = get_user_model()
        post_save.connect(_make_token, sender=user, dispatch_uid="make_token")
        post_save.connect(create_api_key, sender=user, dispatch_uid="make_api_key")
