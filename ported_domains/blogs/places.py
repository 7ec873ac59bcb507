"""Where the site's own blog is: the legacy site's PYTHON_BLOG_URL and PYTHON_BLOG_FEED_URL."""

from typing import Final

BLOG_URL: Final = "https://blog.python.org"
FEED_URL: Final = f"{BLOG_URL}/feeds/posts/default?alt=rss"
BOX: Final = "supernav-python-blog"
"""The box of the navigation that shows the newest entry of that feed."""
