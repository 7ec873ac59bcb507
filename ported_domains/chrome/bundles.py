"""Groups of style sheets and scripts that a page asks for by name (behaviour/site.md §17)."""

from collections.abc import Mapping
from types import MappingProxyType

from legacy_bridge.templates.site import Bundle

STYLESHEETS: Mapping[str, Bundle] = MappingProxyType(
    {
        "style": Bundle(("css/style.css",), "stylesheets/style.css", {"title": "default"}),
        "mq": Bundle(
            ("css/mq.css",),
            "stylesheets/mq.css",
            {"media": "not print, braille, embossed, speech, tty"},
        ),
        "font-awesome": Bundle(
            ("stylesheets/font-awesome.min.css",),
            "stylesheets/font-awesome.css",
            {"media": "screen"},
        ),
    }
)
SCRIPTS: Mapping[str, Bundle] = MappingProxyType(
    {
        "main": Bundle(("js/plugins.js", "js/script.js"), "js/main-min.js"),
        "sponsors": Bundle(("js/sponsors/applicationForm.js",), "js/sponsors-min.js"),
    }
)
