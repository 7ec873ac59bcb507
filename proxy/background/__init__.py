"""What happens without a request, by a schedule: `strangler worker`.

`jobs` are the functions, `alone` keeps two workers from doing the same at once, `queues` chooses
where the jobs wait, `working` takes them from there.
"""
