"""The site itself: its name, moved addresses, flags and the main menu."""

from django.contrib.auth.models import Group
from django.contrib.redirects.models import Redirect
from django.contrib.sites.models import Site
from sitetree.models import Tree, TreeItem
from waffle.models import Flag, Sample, Switch

from legacy_site.apps.cms.seeding import SEEDED_AT, put
from legacy_site.apps.users.models import User

_REDIRECTS = {
    "/download/": "/downloads/",
    "/download/?old=1": "/downloads/source/",
    "/about-us/": "/about/",
    "/elsewhere/": "https://example.org/new-home/",
    "/gone/": "",
}
# title, address or name of a route, is it a route, alias, children
_MENU = (
    ("Python", "home", True, "python-meta", (
        ("About", "/about/", False, "about", (("Applications", "/about/apps/", False, None, ()),)),
        ("Downloads", "download:download", True, "download", (
            ("All releases", "download:download", True, None, ()),
            ("Source code", "/downloads/source/", False, None, ()),
        )),
        ("Documentation", "documentation", True, "documentation", ()),
    )),
    ("PSF", "/psf/", False, "psf-meta", (("Mission", "/psf/mission/", False, None, ()),)),
    ("Docs", "https://docs.python.org", False, "docs-meta", ()),
    ("Jobs", "/jobs/", False, "jobs-meta", ()),
)  # fmt: skip


def seed() -> None:
    site = put(Site, {"pk": 1}, domain="www.example.org", name="Python.org")
    for old_path, new_path in _REDIRECTS.items():
        put(Redirect, {"site": site, "old_path": old_path}, new_path=new_path)
    _flags()
    tree = put(Tree, {"alias": "main"}, title="Main navigation")
    _menu(tree, None, _MENU)


def _flags() -> None:
    put(
        Flag,
        {"name": "psf_membership"},
        testing=True,
        superusers=True,
        note="The pages about membership.",
        created=SEEDED_AT,
    )
    put(
        Flag,
        {"name": "sponsorship-applications-open"},
        everyone=True,
        superusers=False,
        note="The form for new sponsors.",
        created=SEEDED_AT,
    )
    trial = put(Flag, {"name": "new-search"}, superusers=False, note="A trial.", created=SEEDED_AT)
    trial.users.set(User.objects.filter(username="staff1"))
    trial.groups.set(Group.objects.filter(name="Job Board Admin"))
    Flag.objects.update(modified=SEEDED_AT)
    put(Switch, {"name": "show-survey"}, active=False, note="The yearly survey.", created=SEEDED_AT)
    put(Sample, {"name": "new-search"}, percent=5, note="Who sees it.", created=SEEDED_AT)
    Switch.objects.update(modified=SEEDED_AT)
    Sample.objects.update(modified=SEEDED_AT)


def _menu(tree: Tree, parent: TreeItem | None, items: tuple) -> None:
    for position, (title, url, is_route, alias, children) in enumerate(items, start=1):
        item = put(
            TreeItem,
            {"tree": tree, "parent": parent, "title": title},
            url=url,
            urlaspattern=is_route,
            alias=alias,
            sort_order=position,
        )
        _menu(tree, item, children)
