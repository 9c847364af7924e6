"""Signals that end a command: told by their number, and never in the middle of a step.

Python lets a signal strike between any two instructions. A command that catches them here is
stopped by an exception, so that every ``finally`` on the way out runs; a step that must be done as
a whole, such as two files put in their places, stands inside ``uninterrupted``.
"""

from __future__ import annotations

import _thread
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

__all__ = [
    "Interrupted",
    "catch_signals",
    "release_signals",
    "stopped_by",
    "undoing",
    "uninterrupted",
]

CAUGHT = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
"""What asks a program to end; where a system lacks one of them, nobody sends it."""


_LATER = 0.01
"""Seconds after which a signal that was dropped is sent anew."""


class Interrupted(KeyboardInterrupt):
    """A signal that ends the command; libraries let it pass as they do Ctrl-C."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


class _Arrived:
    """The signal that has arrived, and how deep the main thread is in steps that must be whole."""

    number: int | None = None
    raised = False
    depth = 0


def catch_signals() -> None:
    """Let the signals that end a program raise ``Interrupted`` in the main thread, the first only.

    Those that are ignored stay so: ``nohup`` and a shell's background jobs ask for that.
    """
    _Arrived.number, _Arrived.raised, _Arrived.depth = None, False, 0
    for name in CAUGHT:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            with suppress(ValueError):  # only the main thread may
                signal.signal(number, _arrived)
    sys.unraisablehook = _unraisable


def release_signals() -> None:
    """Let those signals end the program at once: its work is done."""
    for name in CAUGHT:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is _arrived:
            signal.signal(number, signal.SIG_DFL)


def stopped_by(error: BaseException) -> int | None:
    """Return the number of the signal that an exception comes from, if from any.

    One that arrives while a package is imported may come out as another exception: extensions
    turn whatever went wrong into an ImportError.
    """
    if isinstance(error, Interrupted):
        return error.number
    return int(signal.SIGINT) if isinstance(error, KeyboardInterrupt) else _Arrived.number


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let a signal wait until the block has ended; only what ``catch_signals`` catches waits."""
    import threading

    if threading.current_thread() is not threading.main_thread():
        yield  # signals strike the main thread
        return
    _Arrived.depth += 1
    try:
        yield
    finally:
        _Arrived.depth -= 1
        _raise()


@contextmanager
def undoing(undo: Callable[[], None]) -> Iterator[None]:
    """Undo at the end of the block, however it ends; what is undone already, undo leaves alone.

    A signal may strike inside the ``finally``, too; but only the first one does.
    """
    try:
        try:
            yield
        finally:
            undo()
    except BaseException:
        undo()
        raise


def _arrived(number: int, _: object) -> None:
    # After the first, others would only break off what it undoes.
    if _Arrived.number is None:
        _Arrived.number = number
        _raise()


def _raise() -> None:
    if _Arrived.number is not None and not _Arrived.raised and not _Arrived.depth:
        _Arrived.raised = True
        raise Interrupted(_Arrived.number)


def _unraisable(found: sys.UnraisableHookArgs) -> None:
    """Send a signal anew that struck where Python drops exceptions, such as in a finaliser."""
    if isinstance(found.exc_value, Interrupted):
        from threading import Timer

        _Arrived.number, _Arrived.raised = None, False
        number = signal.Signals(found.exc_value.number)
        again = Timer(_LATER, _thread.interrupt_main, (number,))  # at once it would strike here
        again.daemon = True
        again.start()
    else:
        sys.__unraisablehook__(found)
