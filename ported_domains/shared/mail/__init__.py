"""Mail that native pages send, octet for octet what Django's EmailMessage sends for plain text.

mail.py        what a page wants to say, and to whom
addresses.py   one mailbox, as headers and as the server wants it
message.py     the octets, from the mail, a moment and a message id
mailer.py      what pages have: `send`
smtp.py        delivery to a server
folder.py      delivery to files and to the terminal
choosing.py    which of them the setting STRANGLER_MAIL_URL means
"""
