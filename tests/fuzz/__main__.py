"""Send randomly changed input to the product.

    python3 -m tests fuzz [NAME ...] [--seed SEED] [--count N]

Without a name all targets are fuzzed. Prints how the cases ended, and every failure with the arguments that reproduce
it; exits with 1 if there is any. The seed is a new one each time unless it is given.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

COUNT = 20_000
ELSEWHERE = ("DATABASE_URL", "REDIS_URL", "CLOUDINARY_URL", "CLOUDINARY_CLOUD_NAME")
"""Services of the machine that must not be used."""


def main(arguments: list[str]) -> int:
    """Fuzz the targets named in the arguments."""
    # The children that decode images import this module, and do not need the product.
    from tests.fuzz.targets import TARGETS

    parser = argparse.ArgumentParser("python3 -m tests fuzz", description="Try what is changed at random.")
    parser.add_argument("names", nargs="*", choices=[*TARGETS, []], metavar="NAME", help=", ".join(TARGETS))
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--count", type=int, default=COUNT, help=f"cases of each target, {COUNT} unless given")
    asked = parser.parse_args(arguments)
    seed = random.randrange(2**31) if asked.seed is None else asked.seed  # noqa: S311 - no secret
    return max(_fuzz(name, seed, asked.count) for name in asked.names or TARGETS)


def _fuzz(name: str, seed: int, count: int) -> int:
    from tests.fuzz.targets import TARGETS

    print(f"{name}: {count} cases from seed {seed} ...", flush=True)
    report = TARGETS[name](seed, count)
    ended = ", ".join(f"{answer} {number}" for answer, number in report.answers.most_common())
    cost = f"the slowest took {report.slowest:.1f} s, and all {report.grown_mb():.0f} MB"
    print(f"{name}: {ended}; {cost}", *report.findings, sep="\n", flush=True)
    return 1 if report.findings else 0


@contextmanager
def product() -> Iterator[None]:
    """Set up the product with its own database, in a folder that is deleted when the run ends."""
    for name in ELSEWHERE:
        os.environ.pop(name, None)
    with TemporaryDirectory(prefix="fuzz-") as folder:
        os.environ |= {"ERP_VAR": folder, "DJANGO_SETTINGS_MODULE": "erp.settings"}
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        yield


if __name__ == "__main__":
    with product():
        status = main(sys.argv[1:])
    sys.exit(status)
