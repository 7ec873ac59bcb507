"""Octets that nobody should send, and what four readers make of what we pass on.

    choices ─▶ grammar, corpus ─▶ pieces ─▶ door  (requests) ─▶ judges: h11, llhttp, gunicorn, ours
                                       └──▶ relay (answers)  ─▶ judges: h11, llhttp
                                       └──▶ `strangler serve` between a client and an upstream

`requests.py`, `answers.py` and `served.py` say what must be true; `campaign.py` looks for what is
not, `minimal.py` makes it short.
"""
