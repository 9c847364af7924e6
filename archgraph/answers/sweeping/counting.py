"""One configuration counted: its totals, or why it has none. What a worker of a sweep runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archgraph.answers.sweeping.configurations import Configuration
from archgraph.errors import ArchGraphError
from archgraph.graph import ArchGraph
from archgraph.loading import load
from archgraph.one_line import in_one_line

__all__ = ["counted", "forget", "prepare_worker"]

Row = dict[str, Any]

_last: list[Any] = [None, None]
"""The network that was read last, and of what: batches of one follow one another."""


def counted(configurations: Sequence[Configuration], metrics: Sequence[str]) -> list[Row]:
    """Return what a line of results holds for each: its settings, its totals, its error.

    A total is None where it is unknown. What a network or a factory refuses is an error in one
    line, and the totals are None.
    """
    return [_one(each, metrics) for each in configurations]


def _one(configuration: Configuration, metrics: Sequence[str]) -> Row:
    row: Row = configuration.settings
    try:
        net = _network(configuration)
        totals = {name: net.total(name, batch=configuration.batch) for name in metrics}
    except ArchGraphError as error:
        return {**row, **dict.fromkeys(metrics), "error": str(error)}
    except Exception as error:  # of a package's own operators: a sweep goes on
        said = in_one_line(f"{type(error).__name__}: {error}")
        return {**row, **dict.fromkeys(metrics), "error": said}
    return {**row, **totals, "error": None}


def _network(configuration: Configuration) -> ArchGraph:
    what = (configuration.net, configuration.args, configuration.input)
    if _last[0] != what:
        options: dict[str, Any] = {}
        shapes: Any = configuration.input
        if shapes is not None:
            named = bool(shapes) and isinstance(shapes[0], tuple)
            options["input"] = dict(shapes) if named else shapes
        args = dict(configuration.args)
        if args:
            from archgraph.factories import factory_in

            # A factory is called with arguments; a gallery's name takes them as options.
            options |= {"arg": args} if factory_in(configuration.net) else args
        _last[:] = [None, None]  # the one is forgotten before the next is built
        _last[:] = [what, load(configuration.net, **options)]
    found: ArchGraph = _last[1]
    return found


def forget() -> None:
    """Forget the network that was read last: its file may be another by now."""
    _last[:] = [None, None]


def prepare_worker() -> None:
    """Let a worker leave Ctrl-C to the process that it works for, and end with it."""
    import gc
    import os
    import signal
    import threading
    from multiprocessing import parent_process
    from multiprocessing.connection import wait

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.set_threshold(100_000, 50, 100)
    parent = parent_process()
    if parent is not None:
        sentinel = parent.sentinel

        def follow() -> None:
            wait([sentinel])
            os._exit(1)

        threading.Thread(target=follow, daemon=True).start()
