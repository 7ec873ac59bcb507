"""Boxes of the templates; those that follow from the releases are made by the downloads."""

from legacy_site.apps.boxes.models import Box
from legacy_site.apps.cms.seeding import put

_BOXES = {
    "homepage-introduction": "<h1>A language that stays out of the way</h1>\n"
    "<p>Small programs stay small, and large ones stay readable.</p>",
    "homepage-get-started": "<h2>Get started</h2>\n"
    '<p>New to programming? Begin <a href="/about/gettingstarted/">here</a>.</p>',
    "homepage-documentation": "<h2>Docs</h2>\n"
    '<p>Tutorial, library and language: <a href="/doc/">the documentation</a>.</p>',
    "homepage-jobs": "<h2>Work</h2>\n<p>Teams all over the world write Python.</p>",
    "widget-use-python-for": "<h2>Used for</h2>\n<ul>\n<li>Web services</li>\n"
    "<li>Science and teaching</li>\n<li>Automation</li>\n</ul>",
    "widget-about-psf": "<h2>Who is behind it</h2>\n"
    '<p>A <a href="/psf/mission/">foundation</a> looks after language and community.</p>',
    "widget-sidebar-aboutpsf": "<h2>The foundation</h2>\n"
    '<p>What it does: <a href="/psf/mission/">its mission</a>.</p>',
    "aboutpython-banner": "<p>Friendly, general, and everywhere.</p>",
    "aboutpython-getstarted": "<h2>Getting started</h2>\n"
    '<p><a href="/about/gettingstarted/">First steps</a> on any system.</p>',
    "aboutpython-easytolearn": "<h2>Easy to learn</h2>\n<p>Reads nearly like prose.</p>",
    "aboutpython-applications": "<h2>Applications</h2>\n"
    '<p><a href="/about/apps/">What people build</a> with it.</p>',
    "aboutpython-opensource": "<h2>Open source</h2>\n"
    '<p>Free to use and to change: <a href="/about/legal/">the terms</a>.</p>',
    "usermessage-helplink": '<p>Stuck? <a href="/about/help/">Get help</a>.</p>',
    "documentation-banner": "<p>Browse, search, or read from start to end.</p>",
    "documentation-beginners": "<h2>Beginners</h2>\n<p>Start with the tutorial.</p>",
    "documentation-moderate": "<h2>Moderate</h2>\n<p>Learn the standard library.</p>",
    "documentation-advanced": "<h2>Advanced</h2>\n<p>Extend and embed the interpreter.</p>",
    "documentation-general": "<h2>General</h2>\n<p>Lists, forums and meetings.</p>",
    "download-banner": "<p>Pick a version for your system.</p>",
    "download-otherreleases": "<h2>Other ways to get it</h2>\n"
    "<p>Most systems have packages of their own.</p>",
    "download-widget1": "<h2>Licences</h2>\n<p>Every version says how it may be used.</p>",
    "download-widget3": "<h2>Other implementations</h2>\n<p>There is more than one Python.</p>",
    "download-widget4": "<h2>History</h2>\n<p>Releases go back to the first one.</p>",
    "usermessage-releaseschedule": "<p>Each autumn brings a new series.</p>",
    "download-dev": "<h2>Development versions</h2>\n<p>For testing what comes next.</p>",
    "download-pgp": "<h2>Signatures</h2>\n"
    '<p><a href="/downloads/metadata/">How files are signed</a> and checked.</p>',
    "supernav-python-about": '<ul>\n<li class="super-navigation">\n<h4>What is it?</h4>\n'
    '<p><a href="/about/">About the language</a></p>\n</li>\n</ul>',
    "supernav-python-documentation": '<ul>\n<li class="super-navigation">\n<h4>Read</h4>\n'
    '<p><a href="/doc/">All documentation</a></p>\n</li>\n</ul>',
    "supernav-python-community": '<ul>\n<li class="super-navigation">\n<h4>Meet</h4>\n'
    '<p><a href="/community/guidelines/">How we talk</a></p>\n</li>\n</ul>',
}


def seed() -> None:
    for label, content in _BOXES.items():
        put(Box, {"label": label}, content=content, content_markup_type="html")
    put(Box, {"label": "plain-note"}, content="1 < 2 & 3", content_markup_type="plain")
    put(Box, {"label": "marked-note"}, content="Some *words*.", content_markup_type="markdown")
