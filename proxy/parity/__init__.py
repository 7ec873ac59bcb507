"""Two answers to one request, compared: what a client could tell apart, and nothing else.

    question, answer   what was asked, what each side said
    compare            status, headers, cookies, body ─▶ differences, each with a field path
      canon, rules     what may differ from one answer to the next has one form (CSRF tokens, "now")
      align            lists beside each other, so that one more element is one difference
      finding          values masked and shortened before anybody keeps them
    noise              what the legacy side does not repeat itself is not the candidate's fault
    tally              counts and examples of many comparisons; page shows them

Nothing in here asks, waits or reads a clock: who asks both sides hands the answers in.
"""
