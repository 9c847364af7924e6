"""Sweeping: how long many configurations take, in one process, in two, and on a dask cluster.

``python -m bench.sweeping --count 20000`` prints how many a second that is.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import archgraph as ag
from bench.timing import Row

__all__ = ["rows"]

NAME, COUNT = "resnet20_cifar", 2_000


def _seconds(count: int, **how: object) -> float:
    """Return how long so many configurations take, starting workers and writing lines included."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "results.csv"
        begun = time.perf_counter()
        found = ag.sweep(
            NAME,
            path,
            arg={"num_classes": range(2, 2 + count // 4)},
            input=[(3, side, side) for side in (32, 48, 64, 96)],
            **how,  # type: ignore[arg-type]
        )
        taken = time.perf_counter() - begun
        lines = path.read_text(encoding="utf-8").count("\n")
    if found.refused or lines != len(found.rows) + 1 or len(found.rows) != count // 4 * 4:
        raise AssertionError("a benchmark must count all")
    return taken


def rows(count: int = COUNT) -> Iterator[Row]:
    """Yield the comparisons."""
    from distributed import LocalCluster

    what = f"sweeping {count:,} configurations of {NAME}, two processes"
    two = _seconds(count, workers=2)
    yield Row(what, two, "one process", _seconds(count))
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50
    ) as cluster:
        address = cluster.scheduler_address
        yield Row(what, two, "dask, 2 workers here", _seconds(count, scheduler=address))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--count", type=int, default=COUNT, help=f"configurations (default {COUNT})"
    )
    count = parser.parse_args().count
    for row in rows(count):
        print(
            f"{row.what}: {count / row.ours:,.0f} a second; {row.other}: "
            f"{count / row.theirs:,.0f} a second"
        )


if __name__ == "__main__":
    main()
