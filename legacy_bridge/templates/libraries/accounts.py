"""`{% load account %}` of django-allauth, and `{% load admin_urls %}` of Django's admin."""

from typing import Any

from legacy_bridge.templates.library import Library

account = Library("account")
admin_urls = Library("admin_urls")
admin_modify = Library("admin_modify")


@account.simple_tag
def user_display(user: Any) -> str:
    return str(getattr(user, "username", user))


@admin_urls.filter("admin_urlname")
def admin_urlname(options: Any, action: Any) -> str:
    """The name of the admin's page for a model."""
    return f"admin:{options.app_label}_{options.model_name}_{action}"


@admin_urls.filter("admin_urlquote")
def admin_urlquote(value: Any) -> str:
    """A primary key as the admin writes it into a path: `_3A` for a colon."""
    text = str(value)
    special = ':/_#?;@&=+$,"[]<>%\n\\'
    return "".join(f"_{ord(one):02X}" if one in special else one for one in text)


@admin_modify.filter("cell_count")
def cell_count(inline: Any) -> int:
    """How many cells a row of an inline form has."""
    count = 1 + sum(len(line.fields) for line in inline)
    return count + 1 if inline.formset.can_delete else count
