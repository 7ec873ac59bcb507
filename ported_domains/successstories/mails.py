"""What the staff is told of a new story (behaviour/successstories.md §5)."""

from typing import Final

from ported_domains.shared.mail.addresses import mailbox
from ported_domains.shared.mail.mail import Mail
from ported_domains.successstories.catalogue import Story

STAFF: Final = "psf-staff@python.org"


def submission_mail(story: Story, domain: str, from_address: str) -> Mail:
    """Plain text, so nothing in it is escaped. `domain` is the site's, for the link to its admin
    pages. An answer goes to the author, where an address was given that mail can be sent to."""
    lines = {
        "Name": story.name,
        "Company name": story.company_name,
        "Company URL": story.company_url,
        "Category": story.category.name,
        "Author": story.author,
        "Author email": story.author_email,
    }
    body = [
        "\n".join(f"{label}: {value}" for label, value in lines.items()) + "\nPull quote:",
        story.pull_quote,
        "Content:",
        story.content.raw,
        f"Review URL: https://{domain}{story.get_admin_url()}",
    ]
    return Mail(
        subject=f"New success story submission: {_on_one_line(story.name)}",
        body="\n\n".join(body),
        to=(STAFF,),
        from_=from_address,
        reply_to=_reply_to(story.author_email),
    )


def _reply_to(address: str | None) -> tuple[str, ...]:
    """Forms take for an address what no header can say, such as a domain that is too long once it
    is in ASCII. The staff is to hear of the story all the same, and reads the address in it."""
    try:
        mailbox(address or "")
    except ValueError:
        return ()
    return (address,) if address else ()


def _on_one_line(text: str) -> str:
    """The first line; a control character in it would end the header."""
    first, *_ = text.splitlines() or [""]
    return "".join(character if character.isprintable() else " " for character in first)
