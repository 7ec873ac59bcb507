"""What people achieved with Python: stories by category, and the form that takes new ones."""

from ported_domains.domain import Domain
from ported_domains.successstories.mapping import MAPPING
from ported_domains.successstories.pages import PAGES

SUCCESSSTORIES = Domain(
    name="successstories",
    mapping=MAPPING,
    handlers=PAGES,
    reads=("boxes", "chrome", "companies"),
    needs=("database_url", "legacy_database_url", "legacy_secret_key", "mail_url"),
)
