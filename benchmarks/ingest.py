"""Ingest: how fast a server accepts files, the product against a bare socket-to-file sink.

All accept the same bytes from the same client in the same run, in turns, so that a busy machine slows all equally. A
second sink that also hashes shows how much of the difference is necessary work rather than overhead. The clock runs
from the first chunk of any client to the last acknowledgement of all: receiving, hashing and writing to the spool.
Signing in, `add`, `finish` and the image check are real but not timed.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median, quantiles

from benchmarks import machine
from benchmarks.bars import Bar, all_held
from benchmarks.sides import Measured, Side, measure, product, raw_sink

ROUNDS = 13
"""Rounds per side and number of clients; the first is discarded."""
CLIENTS = (1, 8)
BAR = 0.25
"""The bar: this fraction of the bare sink's bytes per second, with the most clients."""


def run() -> bool:
    """Measure, print the results, and return whether the bar held."""
    print(f"{machine.description()}\n50 MiB for each client, median of {ROUNDS - 1} rounds; CPU of the server\n")
    print("clients | server        |  MB/s | of raw (middle half)  | CPU s/GB")
    with tempfile.TemporaryDirectory() as name, ExitStack() as running:
        directory = Path(name)
        with machine.on(machine.SERVER_CORES):
            sides = {
                "raw": running.enter_context(raw_sink(directory)),
                "raw + SHA-256": running.enter_context(raw_sink(directory, "sha256")),
                "product": running.enter_context(product(directory)),
            }
        with machine.on(machine.CLIENT_CORES):
            ratios = [compare(sides, clients)["product"] for clients in CLIENTS]
    promise = f"product / raw with {CLIENTS[-1]} clients, at least {BAR:.2f}"
    return all_held([Bar(promise, f"{ratios[-1]:.2f}", ratios[-1] >= BAR)])


def compare(sides: dict[str, Side], clients: int) -> dict[str, float]:
    """Print the lines for one number of clients: the speed of each side as a fraction of the raw sink's."""
    rounds: dict[str, list[Measured]] = {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, side in sides.items():
            rounds[name].append(measure(side.pid, [side.client] * clients))
            # Otherwise the next side would share its core with the cleanup of this one.
            side.settle()
    return {name: summary(clients, name, measured[1:], rounds["raw"][1:]) for name, measured in rounds.items()}


def summary(clients: int, name: str, measured: list[Measured], raw: list[Measured]) -> float:
    """Print one line and return the median, over the rounds, of the speed as a fraction of the raw sink's."""
    pairs = zip(measured, raw, strict=True)
    low, middle, high = quantiles([one.megabytes_per_second / other.megabytes_per_second for one, other in pairs], n=4)
    speed = median(one.megabytes_per_second for one in measured)
    # Summed over the rounds, because the kernel counts in ticks of 10 ms, too coarse for one.
    cpu = sum(one.cpu_seconds for one in measured) / sum(one.bytes for one in measured) * 1e9
    print(f"{clients:7} | {name:13} | {speed:5.0f} | {middle:.2f} ({low:.2f} to {high:.2f})   | {cpu:8.2f}", flush=True)
    return middle
