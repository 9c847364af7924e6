"""Work in a process of its own, which may take so long and no longer, print, and crash."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
import warnings
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from typing import Any

from archgraph.one_line import in_one_line

__all__ = ["COPIES", "apart"]

COPIES = hasattr(os, "fork") and sys.platform != "darwin"
"""Whether a process can be copied as it is; on macOS the copy may crash in the system's code."""

_LONGEST = 160
"""Characters of an error's line."""


def apart(work: Callable[[], Any], seconds: float) -> Any:
    """Return what ``work`` returns, plain values, from a copy of this process.

    ``{"error": …}`` stands for an exception, a crash, or too much time. Where no process can be
    copied it works in this one, without a bound on time.
    """
    if not COPIES:
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            return _done(work)
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        # Other threads of this process do not go on in the copy; what waits for one is stopped.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if not child:
        _work(work, reading, writing)
    os.close(writing)
    text = None
    try:
        text = _received(reading, time.monotonic() + seconds)
    finally:
        if text is None:
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    if text is None:
        return {"error": f"more than {seconds:.0f} s"}
    return json.loads(text) if text else {"error": "its process ended early"}


def _work(work: Callable[[], Any], reading: int, writing: int) -> None:
    """Work in the copy, say what was found, and end it."""
    try:
        os.close(reading)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        with os.fdopen(writing, "w") as pipe:
            json.dump(_done(work), pipe)
    finally:
        os._exit(0)


def _done(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except KeyboardInterrupt:
        if COPIES:
            return {"error": "it was interrupted"}
        raise
    except BaseException as error:
        lines = str(error).strip().splitlines() or [""]
        return {"error": in_one_line(f"{type(error).__name__}: {lines[0]}")[:_LONGEST]}


def _received(pipe: int, until: float) -> str | None:
    """Return all that comes through a pipe; None where that takes too long."""
    found = b""
    with os.fdopen(pipe, "rb", buffering=0) as source:
        while True:
            ready, _, _ = select.select([source], [], [], max(until - time.monotonic(), 0))
            if not ready:
                return None
            part = source.read(65536)
            if not part:
                return found.decode()
            found += part
