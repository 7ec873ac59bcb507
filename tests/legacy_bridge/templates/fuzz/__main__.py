"""`scripts/template_fuzz`: random templates through Django and through us."""

import argparse
import json
import sys
import time

from tests.legacy_bridge.templates.fuzz import engines


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="scripts/template_fuzz",
        description=(
            "Renders random templates with random contexts by Django and by us. Prints each case "
            "that differs with its number, and last how many were equal. "
            "Exit codes: 0 all equal, 1 some differ."
        ),
    )
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=None, help="the first case's number")
    parser.add_argument("--show", type=int, default=5, help="how many differences to print")
    parser.add_argument("--json", action="store_true", help="print JSON for programs")
    arguments = parser.parse_args()
    first = arguments.seed if arguments.seed is not None else int(time.time())
    engines.prepare()
    different, failing = [], 0
    for seed in range(first, first + arguments.cases):
        case = engines.case(seed)
        theirs, ours = engines.by_django(case), engines.by_us(case)
        failing += theirs.startswith("\0")
        if engines.differs(theirs, ours):
            different.append(seed)
            if len(different) <= arguments.show and not arguments.json:
                _show(case, theirs, ours)
    result = {
        "seed": first,
        "cases": arguments.cases,
        "different": different,
        "failing_in_django": failing,
    }
    if arguments.json:
        print(json.dumps(result))
    else:
        equal = arguments.cases - len(different)
        print(f"seed {first}: {equal}/{arguments.cases} equal ({failing} fail in both or one)")
    return 1 if different else 0


def _show(case: engines.Case, theirs: str, ours: str) -> None:
    print(f"--- case {case.seed}")
    for name, source in case.templates.items():
        print(f"{name}: {source!r}")
    print(f"django: {theirs!r}\nours:   {ours!r}")


if __name__ == "__main__":
    sys.exit(main())
