"""Work in a process of its own, which may take so long and no longer, print, and crash."""

from __future__ import annotations

import json
import os
import select
import signal
import time
from collections.abc import Callable
from typing import Any

__all__ = ["apart"]


def apart(work: Callable[[], Any], seconds: float) -> Any:
    """Return what ``work`` returns, plain values, from a copy of this process.

    ``{"error": …}`` stands for an exception, a crash, or too much time.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        try:
            found = work()
        except BaseException as error:
            lines = str(error).strip().splitlines() or [""]
            found = {"error": f"{type(error).__name__}: {lines[0][:160]}"}
        with os.fdopen(writing, "w") as pipe:
            json.dump(found, pipe)
        os._exit(0)
    os.close(writing)
    text = _received(reading, time.monotonic() + seconds)
    if text is None:
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    if text is None:
        return {"error": f"more than {seconds:.0f} s"}
    return json.loads(text) if text else {"error": "its process ended early"}


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
