"""Try what is changed at random.

    python3 -m tests fuzz [NAME ...] [--seed SEED] [--count N]

Without a name all targets are tried. Prints how the cases ended, and what must not have happened, with the arguments
that make it again; exits with 1 then. The seed is a new one each time unless it is given.
"""

from __future__ import annotations

import argparse
import random
import sys

from tests.fuzz.targets import TARGETS

COUNT = 20_000


def main(arguments: list[str]) -> int:
    """Fuzz what the arguments name."""
    parser = argparse.ArgumentParser("python3 -m tests fuzz", description="Try what is changed at random.")
    parser.add_argument("names", nargs="*", choices=[*TARGETS, []], metavar="NAME", help=", ".join(TARGETS))
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--count", type=int, default=COUNT, help=f"cases of each target, {COUNT} unless given")
    asked = parser.parse_args(arguments)
    seed = random.randrange(2**31) if asked.seed is None else asked.seed  # noqa: S311 - no secret
    return max(_fuzz(name, seed, asked.count) for name in asked.names or TARGETS)


def _fuzz(name: str, seed: int, count: int) -> int:
    print(f"{name}: {count} cases from seed {seed} ...", flush=True)
    report = TARGETS[name](seed, count)
    ended = ", ".join(f"{answer} {number}" for answer, number in report.answers.most_common())
    print(f"{name}: {ended}; the slowest took {report.slowest:.1f} s", *report.findings, sep="\n", flush=True)
    return 1 if report.findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
