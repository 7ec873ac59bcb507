"""Django's own template tests, run with our engine in the place of Django's."""
