"""Submitting a story: /success-stories/create/ (behaviour/successstories.md §4).

1. who is no robot (guard) and signed in (guard) gets the form
2. what was posted is checked, the name also against the stories that there are
3. the draft is written, while the native side owns stories
4. the staff is told by mail, the visitor by a message

No step holds a connection of the one before: as many who submit at once as the pool has connections
would each wait for a second one, and a mail server may take half a minute.
"""

import logging
from functools import partial
from typing import Any, Final

from litestar import Request, Response

from legacy_bridge.django.settings import SUCCESS
from ported_domains.shared.database import reader
from ported_domains.shared.mail.mail import MailError
from ported_domains.shared.render import Show, Showing, redirect
from ported_domains.shared.visitors.state import Calling, VisitorState
from ported_domains.shared.writing import writing
from ported_domains.successstories import store
from ported_domains.successstories.catalogue import PATH, Story
from ported_domains.successstories.forms import NAME_TAKEN, StoryForm
from ported_domains.successstories.mails import submission_mail
from ported_domains.successstories.queries import categories
from ported_domains.users.accounts.current_site import current_site
from ported_domains.users.accounts.services import Accounts, accounts_of
from ported_domains.users.accounts.view import FORM_METHODS, bound_data, refuse

CREATE: Final = f"{PATH}create/"
RECORDED: Final = (
    "Thank you: your story has been recorded. The PSF staff reviews it before it is published."
)
AppRequest = Request[Any, Any, Any]
log = logging.getLogger(__name__)


async def story_create(request: AppRequest, visitor: Calling, show: Showing) -> Response[bytes]:
    if visitor.visit.method not in FORM_METHODS or visitor.visit.method == "OPTIONS":
        return refuse(visitor, FORM_METHODS)
    async with reader(request.app.state.engine)() as db:
        offered = await db.run_sync(categories)
        form = StoryForm(bound_data(visitor), offered)
        await form.refuse_if("name", partial(store.is_name_taken, db), NAME_TAKEN)
    if form.is_valid() and await _record(request, visitor, show, form):
        visitor.messages.add(SUCCESS, RECORDED)
        return redirect(CREATE)
    names = {"form": form, "category_list": offered, "object": None}
    return await show("successstories/story_form.html", **names)


async def _record(request: AppRequest, visitor: VisitorState, show: Show, form: StoryForm) -> bool:
    """False, with an error in the form, where the name was taken meanwhile."""
    accounts = accounts_of(request.scope)
    site = await current_site(visitor.contracts.legacy, accounts.settings.site_id)
    async with writing(request, store.DOMAIN) as rows:
        story = await store.add_draft(rows, form.cleaned, visitor.user.id)
        if story is None:
            form.add_error("name", NAME_TAKEN)
            return False
        await store.follow(rows, story, show.text)
    await _tell_staff(accounts, story, site.domain)
    return True


async def _tell_staff(accounts: Accounts, story: Story, domain: str) -> None:
    """What cannot be mailed is logged: the draft is there for the staff to find, and would be
    refused if it were submitted again."""
    try:
        await accounts.mailer.send(submission_mail(story, domain, accounts.settings.from_address))
    except (MailError, ValueError):  # ValueError: the site's own address or domain is none
        log.exception("story %s is recorded, but its mail was not sent", story.id)
