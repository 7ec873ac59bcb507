"""Names that every template of the site knows (behaviour/site.md §6)."""

from django.urls import Resolver404, resolve, reverse


def site(request) -> dict:
    return {
        "SITE_INFO": {
            "site_name": "Python.org",
            "site_descript": "The official home of the Python Programming Language",
        },
        "BLOG_URL": "https://blog.python.org",
        "GET_HOST_WITH_SCHEME": request.build_absolute_uri("/").rstrip("/"),
    }


def url_name(request) -> dict:
    """The name of the URL pattern of the path; None where only a CMS page answers."""
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return {"URL_NAMESPACE": None, "URL_NAME": None}
    return {"URL_NAMESPACE": match.namespace, "URL_NAME": match.view_name}


def user_navigation(request) -> dict:
    """The menu of a signed-in visitor. It asks who that is, so pages vary by cookie."""
    if not request.user.is_authenticated:
        return {"USER_NAV_BAR": {}}
    links = (
        (reverse("users:user_detail", args=[request.user.get_username()]), "View profile"),
        (reverse("users:user_profile_edit"), "Edit profile"),
        (reverse("account_change_password"), "Change password"),
    )
    urls = [{"url": url, "label": label} for url, label in links]
    return {"USER_NAV_BAR": {"account": {"label": "Your Account", "urls": urls}}}
