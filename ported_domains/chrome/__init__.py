"""What stands around every page, whichever domain it is of: menus, and feature flags.

In the legacy site they belong to libraries, not to one of its apps; here they lie below the
domains, as boxes do, so that each can ask for them.
"""

from ported_domains.chrome.mapping import MAPPING
from ported_domains.domain import Domain

CHROME = Domain(
    name="chrome",
    mapping=MAPPING,
)
