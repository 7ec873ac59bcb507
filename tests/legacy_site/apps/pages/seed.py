"""CMS pages of all kinds of markup and template, and two redirects."""

from django.contrib.redirects.models import Redirect

from legacy_site.apps.cms.seeding import put
from legacy_site.apps.pages.models import Page

_GETTING_STARTED = """\
Three steps:

1. [Download](/downloads/) an installer and run it.
2. Open a terminal and start `python`.
3. Type:

```python
print("hello")
```

| system | command |
|--------|---------|
| Windows | `py` |
| others | `python3` |
"""
_APPLICATIONS = """\
What people build
=================

- *Web services*, small and large
- **Science**: from notebooks to clusters

.. code:: python

   total = sum(range(10))
"""
_METADATA = """\
<p>Each file comes with a checksum, and with one or more of these:</p>
<ul>
  <li>a GnuPG signature (<code>.asc</code>)</li>
  <li>a <a href="/downloads/metadata/sigstore/">Sigstore bundle</a></li>
  <li>a list of its parts (<code>.spdx.json</code>)</li>
</ul>
"""
_PAGES = (
    {
        "path": "about/gettingstarted",
        "title": "Getting started",
        "description": "From nothing to a first program.",
        "keywords": "beginner, install, first program",
        "content": _GETTING_STARTED,
        "content_markup_type": "markdown",
    },
    {
        "path": "about/apps",
        "title": "Applications",
        "keywords": "applications, web, science",
        "content": _APPLICATIONS,
        "content_markup_type": "restructuredtext",
    },
    {
        "path": "about/help",
        "title": "Help & support",
        "content": '<p data-kind="kept">Pages are <em>not</em> sanitised.</p>',
        "content_markup_type": "html",
    },
    {
        "path": "about/legal",
        "title": "Legal",
        "content": "Free software.\n\nSee https://docs.python.org/3/license.html for the terms.",
        "content_markup_type": "plain",
    },
    {
        "path": "about/roadmap",
        "title": "Roadmap",
        "content": "Not yet for everybody.",
        "content_markup_type": "markdown",
        "is_published": False,
    },
    {
        "path": "about/mirrors.txt",
        "title": "List of mirrors",
        "content": "mirror-1.example.org\nmirror-2.example.org\n",
        "content_markup_type": "html",
        "content_type": "text/plain",
        "template_name": "pages/raw.html",
    },
    {
        "path": "about/quotes",
        "title": "Quotes",
        "content": "<p>Its own template is gone, so it has the default one.</p>",
        "content_markup_type": "html",
        "template_name": "pages/gone.html",
    },
    {
        "path": "community/guidelines",
        "title": "Guidelines",
        "content": "Be **kind**. <script>alert(1)</script>",
        "content_markup_type": "markdown",
    },
    {
        "path": "psf/mission",
        "title": "Mission",
        "content": "<p>To look after the language and those who use it.</p>",
        "content_markup_type": "html",
        "template_name": "psf/default.html",
    },
    {
        "path": "psf/records",
        "title": "Records",
        "content": "<p>What was decided, and when.</p>",
        "content_markup_type": "html",
        "template_name": "psf/full-width.html",
    },
    {
        "path": "downloads/metadata",
        "title": "How files are signed",
        "content": _METADATA,
        "content_markup_type": "html",
    },
    {
        "path": "downloads/metadata/sigstore",
        "title": "Sigstore",
        "content": "Verify a file with `python -m sigstore`.",
        "content_markup_type": "markdown_unsafe",
    },
    {
        "path": "download/releases/2.5.4",
        "title": "Python 2.5.4",
        "content": "<p>An old release whose page is kept in the CMS.</p>",
        "content_markup_type": "html",
    },
    {
        "path": "download/releases/2.7.18",
        "title": "Python 2.7.18",
        "content": "<p>Nobody sees this page: the release has one of its own.</p>",
        "content_markup_type": "html",
    },
)
_REDIRECTS = {"/download/python/": "/downloads/", "/about/retired/": ""}


def seed() -> None:
    for page in _PAGES:
        put(
            Page,
            {"path": page["path"]},
            **{"is_published": True, "content_type": "text/html", **page},
        )
    for old, new in _REDIRECTS.items():
        put(Redirect, {"site_id": 1, "old_path": old}, new_path=new)
