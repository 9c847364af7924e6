"""Measures this machine, in a process of its own: ``python -m …machine_rates THREADS``.

It prints one line of JSON: FLOP/s of a matrix product by element type, those of the fastest of the
libraries that are installed, with its name and version; and bytes a second of a copy. How many
threads the products take is set around the process, because libraries of linear algebra look at
that when they are loaded.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np

__all__ = ["main"]

SIDE = 640
"""Rows and columns of the matrices: a product is short, so that some run is not interrupted."""
COPIED = 2**26
"""Bytes that each thread copies, more than its caches hold."""
SECONDS = 0.6
"""How long each is tried; the best run counts, as in STREAM."""

Product = tuple[str, str, Callable[[], object]]
"""The element type, the library with its version, and what multiplies two matrices."""


def main(threads: int) -> None:
    """Measure and print."""
    flops: dict[str, float] = {}
    libraries: dict[str, str] = {}
    for products in (_numpy, _torch, _onnxruntime):
        with suppress(ImportError):
            for kind, library, product in products(threads):
                rate = 2 * SIDE**3 / _best(product)
                if rate > flops.get(kind, 0.0):
                    flops[kind], libraries[kind] = rate, library
    parts = [np.ones(COPIED // 8) for _ in range(threads)]
    copies = [np.zeros_like(part) for part in parts]
    with ThreadPoolExecutor(threads) as pool:
        seconds = _best(lambda: list(pool.map(np.copyto, copies, parts)))
    moved = 2 * COPIED * threads  # read and written
    print(json.dumps({"flops": flops, "libraries": libraries, "bandwidth": moved / seconds}))


def _matrices(kind: str) -> list[Any]:
    generator = np.random.default_rng(0)
    return [generator.random((SIDE, SIDE)).astype(kind) for _ in range(2)]


def _numpy(_: int) -> Iterator[Product]:
    for kind in ("float32", "float64"):
        first, second = _matrices(kind)
        out = np.empty_like(first)
        yield kind, f"numpy {np.__version__}", partial(np.matmul, first, second, out=out)


def _torch(threads: int) -> Iterator[Product]:
    import torch

    torch.set_num_threads(threads)
    for kind in ("float32", "float64", "bfloat16"):
        first, second = (torch.from_numpy(each) for each in _matrices("float32"))
        first, second = first.to(getattr(torch, kind)), second.to(getattr(torch, kind))
        out = torch.empty_like(first)
        yield kind, f"torch {torch.__version__}", partial(torch.matmul, first, second, out=out)


def _onnxruntime(threads: int) -> Iterator[Product]:
    import onnxruntime
    from onnx import TensorProto, helper

    info = [helper.make_tensor_value_info(name, TensorProto.FLOAT, (SIDE, SIDE)) for name in "abc"]
    graph = helper.make_graph([helper.make_node("MatMul", "ab", "c")], "g", info[:2], info[2:])
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=8)
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), settings, providers=["CPUExecutionProvider"]
    )
    given = dict(zip("ab", _matrices("float32"), strict=True))
    yield "float32", f"onnxruntime {onnxruntime.__version__}", partial(session.run, None, given)


def _best(run: Callable[[], object]) -> float:
    """Return the shortest time of a run, warmed up."""
    run()
    best, end = float("inf"), time.perf_counter() + SECONDS
    while best == float("inf") or time.perf_counter() < end:
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return best


if __name__ == "__main__":
    main(int(sys.argv[1]))
