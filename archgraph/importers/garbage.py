"""Reading without the collector of garbage: of the many objects that a network is made of all stay.

Python looks through all objects again and again while many are made, which is a quarter of the
time that a large file takes.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["no_collections"]


@contextmanager
def no_collections() -> Iterator[None]:
    """Collect no cycles meanwhile; afterwards what was made counts as having lived for long."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        if not gc.get_freeze_count():  # else somebody else holds objects there
            gc.freeze()
            gc.unfreeze()
        gc.enable()
