"""Why the bridge cannot run at all, each with the remedy. Faults of single rows are quarantined."""

NOT_UP_TO_DATE = "the native database is not up to date: run `strangler db upgrade`"


class BridgeError(Exception):
    """Nothing was changed. `problems` are sentences that say what is wrong and what to do."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
