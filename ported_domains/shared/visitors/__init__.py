"""Who asks, and what the answer gives back to them: Django's contracts around a native handler.

contracts.py   what this process agreed on with the legacy site, made once
body.py        the submitted form, within Django's limits
state.py       one request's visitor: session, user, messages, CSRF secret, flags
gate.py        a request that changes something must come from a page of ours
guards.py      who may pass: signed in, permitted, in a group, no robot
names.py       what templates know of the visitor
closing.py     what goes back: cookies, the saved session, Vary
"""
