"""What pages say of the site itself (behaviour/site.md §4, §6)."""

from types import MappingProxyType

SITE_INFO = MappingProxyType(
    {
        "site_name": "Python.org",
        "site_descript": "The official home of the Python Programming Language",
    }
)
BLOG_URL = "https://blog.python.org"
