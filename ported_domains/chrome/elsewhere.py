"""Pages that menus and templates name and the native side may not have: where they are on the site,
for when the project's manifest does not say."""

from collections.abc import Mapping
from types import MappingProxyType

PATHS: Mapping[str, str] = MappingProxyType(
    {
        "home": "/",
        "about": "/about/",
        "documentation": "/doc/",
        "docs-versions": "/doc/versions/",
        "shell": "/shell/",
        "psf-landing": "/psf-landing/",
        "psf-sponsors": "/psf/sponsors/",
        "docs-landing": "/docs-landing/",
        "pypl-landing": "/pypl-landing/",
        "shop-landing": "/shop-landing/",
        "blog": "/blogs/",
        "minutes_list": "/psf/records/board/minutes/",
        "minutes_feed": "/psf/records/board/minutes/feed/",
        "success_story_list": "/success-stories/",
        "success_story_create": "/success-stories/create/",
        "community:post_list": "/community/",
        "download:download": "/downloads/",
        "download:download_full_os_list": "/downloads/operating-systems/",
        "events:calendar_list": "/events/calendars/",
        "events:events": "/events/",
        "jobs:job_list": "/jobs/",
        "jobs:job_create": "/jobs/create/",
        "haystack_search": "/search/",
        "admin:index": "/admin/",
        "account_login": "/accounts/login/",
        "account_logout": "/accounts/logout/",
        "account_signup": "/accounts/signup/",
        "account_change_password": "/accounts/password/change/",
        "users:user_profile_edit": "/users/edit/",
        "users:user_membership_create": "/users/membership/",
        "users:user_membership_edit": "/users/membership/edit/",
        "users:user_nominations_view": "/users/nominations/",
        "users:user_sponsorships_dashboard": "/users/sponsorships/",
    }
)
"""Of names without arguments."""
