"""Measures this machine, in a process of its own: ``python -m …machine_rates THREADS``.

It prints one line of JSON: FLOP/s of a matrix product by element type, bytes a second of a copy,
and the version of numpy. How many threads the products take is set around the process, because
libraries of linear algebra look at that when they are loaded.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

__all__ = ["main"]

SIDE = 1536
"""Rows and columns of the matrices: 9 MiB each in float32, enough for a steady rate."""
COPIED = 2**28
"""Bytes of what is copied: several times what caches hold."""
SECONDS = 0.7
"""How long each is tried; the best run counts, as in STREAM."""


def main(threads: int) -> None:
    """Measure and print."""
    import numpy as np

    generator = np.random.default_rng(0)
    flops = {}
    for kind in ("float32", "float64"):
        first, second = (generator.random((SIDE, SIDE)).astype(kind) for _ in range(2))
        out = np.empty_like(first)

        def product(first=first, second=second, out=out) -> None:  # type: ignore[no-untyped-def]
            np.matmul(first, second, out=out)

        flops[kind] = 2 * SIDE**3 / _best(product)
    parts = [np.ones(COPIED // threads // 8) for _ in range(threads)]
    copies = [np.zeros_like(part) for part in parts]
    with ThreadPoolExecutor(threads) as pool:
        seconds = _best(lambda: list(pool.map(np.copyto, copies, parts)))
    moved = 2 * sum(part.nbytes for part in parts)  # read and written
    found = {"flops": flops, "bandwidth": moved / seconds, "numpy": np.__version__}
    print(json.dumps(found))


def _best(run: Callable[[], object]) -> float:
    """Return the shortest time of a run, warmed up."""
    run()
    best, end = float("inf"), time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return best if best < float("inf") else SECONDS


if __name__ == "__main__":
    main(int(sys.argv[1]))
