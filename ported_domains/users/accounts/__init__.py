"""Signing in and out, signing up, passwords and e-mail addresses: /accounts/.

    settings.py    what the legacy site's ACCOUNT_… settings say
    services.py    what these pages work with, one for the process
    rows.py        users and their tokens in the legacy database
    addresses.py   e-mail addresses there, and who has confirmed which
    owners.py      whose an address is, and who may get a link for a new password
    current_site.py  its name and domain
    mails.py       what is sent, with which links
    paths.py       where the pages are
    fields.py      what the forms ask for: forms.py, password_forms.py, email_forms.py
    view.py        what all pages have in common: limits, `next`, answers to scripts
    login.py  logout.py  signup.py  confirmation.py  reauthentication.py
    password_change.py  password_reset.py  manage_email.py
    small_pages.py  those that only say something, or only send on
    urls.py        which of them is where

Accounts live in the legacy database, as sessions do, until the last domain is retired: whoever
changes one, a page here or Django, the other side knows at once (docs/adr/0012).
"""
