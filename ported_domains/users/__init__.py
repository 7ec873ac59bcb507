"""People of the site: their accounts, what they may do, and their memberships."""

from ported_domains.domain import Domain
from ported_domains.shared.urls import mount
from ported_domains.users.accounts.obeying import misfits
from ported_domains.users.accounts.services import PROVIDES
from ported_domains.users.accounts.small_pages import index
from ported_domains.users.accounts.urls import ROUTES
from ported_domains.users.mapping import MAPPING

USERS = Domain(
    name="users",
    mapping=MAPPING,
    handlers=mount("accounts/", ROUTES, provides=PROVIDES),
    shares_rows=True,
    needs=("database_url", "legacy_database_url", "legacy_secret_key", "mail_url"),
    misfits=misfits,
    beyond=(index,),
)
