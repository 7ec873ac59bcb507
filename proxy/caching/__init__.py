"""The worker's cache of native answers: how large it is, what it hears, what it tells of itself."""
