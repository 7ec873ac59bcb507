"""What follows from a change: every one of a native table, in commit order, told to who asked.

subscription.py  who wants to know, of which tables
changes.py       what they are told: transactions of changes, or that some were missed
beginning.py     the slot that remembers how far a subscriber is, made and made anew
pulse.py         whether all that was committed a moment ago was told
reading.py       from the slot to the subscriber
reacting.py      one thread for each subscription, until told to stop
announcing.py    a subscriber: tells the workers' caches which tables changed
announcement.py  what it tells them, as the text of a NOTIFY
"""
