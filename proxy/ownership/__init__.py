"""Which phase a domain is in, and what follows from it."""
