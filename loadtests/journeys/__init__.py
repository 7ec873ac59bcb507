"""Visitors of every kind at work on the site, with Locust, while both sides are compared.

    options      what the load may be told on the command line, beside what Locust takes
    visitor      one browser or program: asks, checks the answer, leaves a share to parity
    browser, api_client, member, newcomer, editor      what each kind of visitor does
    sides        how the other side is asked the same
    parity       which answers are compared, and what is made of a difference
    figures      what was asked, by step and by the side that answered
    report       figures and parity side by side, for people and for programs
    recording    Locust's events lead to the figures and, at its end, to the report
    system       the bundled site behind a proxy, all legacy first, then native as far as it goes
    __main__     `scripts/load`

Locust replaces much of the standard library when it is imported. Only `options`, `visitor`, the
visitors, `sides` and `recording` import it, and only a process that Locust runs imports those.
"""
