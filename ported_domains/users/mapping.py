"""How the rows of users travel between the two databases (tables.md); parents first."""

from legacy_bridge.replication.mapping import Column, TableMapping, same
from ported_domains.shared.columns import markup

MAPPING = (
    TableMapping(
        legacy="django_content_type",
        native="content_types",
        columns=same("id", "app_label", "model"),
    ),
    TableMapping(
        legacy="auth_permission",
        native="auth_permissions",
        columns=same("id", "name", "content_type_id", "codename"),
    ),
    TableMapping(
        legacy="auth_group",
        native="auth_groups",
        columns=same("id", "name"),
    ),
    TableMapping(
        legacy="auth_group_permissions",
        native="auth_group_permissions",
        columns=same("id", "group_id", "permission_id"),
    ),
    TableMapping(
        legacy="users_user",
        native="users",
        columns=(
            *same("id", "username", "first_name", "last_name", "email"),
            Column("password", "password_hash"),
            *same("is_superuser", "is_staff", "is_active", "last_login", "date_joined"),
            *markup("bio"),
            *same("search_visibility", "email_privacy", "public_profile"),
        ),
    ),
    TableMapping(
        legacy="users_user_groups",
        native="user_auth_groups",
        columns=same("id", "user_id", "group_id"),
    ),
    TableMapping(
        legacy="users_user_user_permissions",
        native="user_permissions",
        columns=same("id", "user_id", "permission_id"),
    ),
    TableMapping(
        legacy="users_membership",
        native="memberships",
        columns=(
            *same("id", "creator_id", "membership_type", "created", "updated"),
            *same("legal_name", "preferred_name", "email_address"),
            *same("city", "region", "country", "postal_code"),
            *same("psf_code_of_conduct", "psf_announcements", "votes", "last_vote_affirmation"),
        ),
    ),
    TableMapping(
        legacy="users_usergroup",
        native="user_groups",
        columns=(
            *same("id", "name", "location", "url", "url_type", "start_date"),
            *same("approved", "trusted"),
        ),
    ),
    TableMapping(
        legacy="account_emailaddress",
        native="email_addresses",
        columns=same("id", "user_id", "email", "verified", "primary"),
    ),
    TableMapping(
        legacy="account_emailconfirmation",
        native="email_confirmations",
        columns=same("id", "email_address_id", "key", "created", "sent"),
    ),
    TableMapping(
        legacy="authtoken_token",
        native="auth_tokens",
        columns=same("key", "created", "user_id"),
        key=("key",),
        secret_key=True,
    ),
    TableMapping(
        legacy="tastypie_apikey",
        native="api_keys",
        columns=same("id", "key", "created", "user_id"),
    ),
)
