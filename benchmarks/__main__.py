"""Measure the product on this machine, and fail if it misses a bar.

    python3 -m benchmarks ingest     bytes per second from sockets into the spool, against a bare socket-to-file sink
    python3 -m benchmarks flood      a client that ignores acknowledgements: the server's memory, the close code
    python3 -m benchmarks photos     twenty photos of 3 to 8 MB until all are stored: seconds and memory
    python3 -m benchmarks small_pictures   CPU time for the small pictures of a photo, other decoders beside
    python3 -m benchmarks http_attacks     strangers and one user against everybody else, over HTTP
    python3 -m benchmarks socket_attacks   the same over WebSockets

docs/performance.md explains the figures and their limits. The first run installs what is missing into `.venv`; until
then only the standard library may be imported.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

from erp.launch import bootstrap

BENCHMARKS = ("ingest", "flood", "photos", "small_pictures", "http_attacks", "socket_attacks")


def main() -> int:
    """Run the requested benchmark; the exit status is 1 if a bar was missed."""
    parser = argparse.ArgumentParser(
        prog="python3 -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("benchmark", choices=BENCHMARKS)
    chosen = parser.parse_args()
    bootstrap.enter("requirements.txt")
    held: bool = import_module(f"benchmarks.{chosen.benchmark}").run()
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
