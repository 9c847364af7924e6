"""Chunks of work done by processes, in order: one whose worker dies is tried once more, alone."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from time import monotonic
from typing import Any, Protocol

from archgraph.answers.sweeping.configurations import Configuration
from archgraph.answers.sweeping.counting import Row, counted, forget, prepare_worker
from archgraph.errors import ArchGraphError, FormatError
from archgraph.optional import needing
from archgraph.options import written

__all__ = ["KILLED", "Cluster", "Here", "Processes", "Workers", "rows_of", "timed"]

_CHUNK, _MOST = 0.25, 64
"""Seconds that a chunk should take, and its most configurations: what is told comes so often."""

PATIENCE = 10.0
"""Seconds to wait for a scheduler to answer."""

KILLED = "its worker died twice while it was counted, such as for want of memory"
"""What a line says of a configuration that takes its worker with it."""


class Workers(Protocol):
    """Where chunks are counted."""

    count: int

    def start(self) -> Executor:
        """Return an executor; of one that is broken another."""

    def stop(self) -> None:
        """End all work at once."""


@dataclass
class Here:
    """This process itself."""

    count: int = 1

    def start(self) -> Executor:
        """Return an executor that does at once what it is given."""
        forget()
        return _AtOnce()

    def stop(self) -> None:
        """Nothing runs beside it."""


class _AtOnce(Executor):
    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        made: Future[Any] = Future()
        made.set_result(fn(*args, **kwargs))
        return made


class Processes:
    """Processes of this machine."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._pool: Any = None

    def start(self) -> Executor:
        """Start the processes anew; each imports archgraph for itself, so nothing is inherited."""
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        self.stop()
        self._pool = ProcessPoolExecutor(
            self.count, mp_context=get_context("spawn"), initializer=prepare_worker
        )
        pool: Executor = self._pool
        return pool

    def stop(self) -> None:
        """End the processes, whatever they are doing."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        # shutdown alone would wait for what is being counted, which may take minutes
        running = list((getattr(pool, "_processes", None) or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for each in running:
            with suppress(OSError, ValueError):
                each.kill()
        for each in running:
            with suppress(OSError, ValueError, AssertionError):
                each.join(5)


class Cluster:
    """The workers of a dask scheduler."""

    def __init__(self, address: str) -> None:
        with needing(written("scheduler"), "dask"):
            from distributed import Client

        try:
            self._client = Client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError) as error:
            raise FormatError(
                f"there is no dask scheduler at '{address}' ({str(error).splitlines()[0]:.80}); "
                "start one with 'dask scheduler', and workers with 'dask worker ADDRESS'."
            ) from None
        known = self._client.scheduler_info(n_workers=-1)["workers"]
        if not known:
            self._client.close()
            raise FormatError(
                f"the scheduler at '{address}' has no workers; start some with 'dask worker "
                f"{address}'."
            )
        self.count = sum(each["nthreads"] for each in known.values())

    def start(self) -> Executor:
        """Return the cluster as an executor; it brings back lost workers by itself."""
        found: Executor = self._client.get_executor(pure=False, retries=0)
        return found

    def stop(self) -> None:
        """Leave the cluster; it drops what nobody waits for."""
        self._client.close()


Running = tuple[list[Configuration], "Future[tuple[list[Row], float]]"]


def rows_of(
    wanted: Iterator[Configuration], metrics: Sequence[str], workers: Workers
) -> Iterator[list[Row]]:
    """Yield the lines of results of configurations, in their order, as chunks are done.

    All that ran when a worker died is counted again, each configuration alone; one whose worker
    dies then too is told so in its line. Workers are stopped at the end, also at an early one.
    """
    task = partial(timed, metrics=tuple(metrics))
    running: deque[Running] = deque()
    size, pool = 1, workers.start()
    try:
        while True:
            while len(running) < 2 * workers.count and (chunk := list(islice(wanted, size))):
                running.append((chunk, _given(pool, task, chunk)))
            if not running:
                return
            chunk, future = running[0]
            died = _death(future)
            if died is None:
                running.popleft()
                rows, seconds = future.result()
                size = min(2 * size, _MOST, max(1, int(_CHUNK * len(chunk) / max(seconds, 1e-4))))
                yield rows
                continue
            lost, running = running, deque()
            pool = workers.start()
            for chunk, future in lost:
                if future.done() and _death(future) is None:
                    yield future.result()[0]
                    continue
                for each in chunk:
                    future = _given(pool, task, [each])
                    if _death(future) is None:
                        yield future.result()[0]
                    else:
                        yield [{**each.settings, **dict.fromkeys(metrics), "error": KILLED}]
                        pool = workers.start()
    finally:
        workers.stop()


def timed(configurations: Sequence[Configuration], metrics: Sequence[str]) -> Any:
    """Count in a worker; return the lines of results, and how many seconds they took."""
    begun = monotonic()
    return counted(configurations, metrics), monotonic() - begun


def _given(pool: Executor, task: Callable[..., Any], chunk: list[Configuration]) -> Future[Any]:
    """Give a chunk to a pool; one whose worker has just died answers as the chunk would."""
    try:
        return pool.submit(task, chunk)
    except BrokenExecutor as error:
        failed: Future[Any] = Future()
        failed.set_exception(error)
        return failed


def _death(future: Future[Any]) -> BaseException | None:
    """Wait for a chunk; return what says that its worker died. Raises what else went wrong."""
    error = future.exception()
    if error is None:
        return None
    # dask's own, after it has tried the chunk on other workers
    if isinstance(error, BrokenExecutor) or type(error).__name__ == "KilledWorker":
        return error
    if type(error).__name__ in ("CommClosedError", "CancelledError", "FutureCancelledError"):
        raise ArchGraphError(
            "the scheduler is gone; the results that were written stay, and the same command goes "
            "on with them."
        ) from error
    raise error
