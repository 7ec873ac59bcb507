"""Why there are no figures."""


class CannotMeasureError(Exception):
    """What the benchmark needs is not there; says what, and what to do."""
