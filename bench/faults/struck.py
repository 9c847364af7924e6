"""One run of a command in a process of its own, struck by a signal at a moment.

The process is a fork of this one, in which all that commands import is loaded already, so that
hundreds of runs take minutes; or one that starts from nothing, to be struck while it imports.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Ended", "Strike", "forked", "started", "wait"]

STEPS = frozenset(
    {"open", "os.chmod", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.scandir"}
)
"""What Python tells of before it changes or looks at a folder, where a process may be struck."""


@dataclass(frozen=True)
class Strike:
    """Which signal, and when: after so many seconds, or before so many steps on the disk."""

    signal: int
    seconds: float | None = None
    step: int | None = None


@dataclass(frozen=True)
class Ended:
    """How a run ended: its status as a shell shows it, what it said, its seconds and steps."""

    status: int
    said: str
    seconds: float
    steps: int


@dataclass
class Running:
    """A run that has not ended."""

    process: int
    home: Path
    began: float
    status: int | None = None

    def paused(self) -> None:
        """Wait until it is stopped or has ended."""
        _, status = os.waitpid(self.process, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            self.status = status

    def left(self, seconds: float) -> None:
        """Wait until it has ended, but no longer than that."""
        end = time.perf_counter() + seconds
        while self.status is None and time.perf_counter() < end:
            process, status = os.waitpid(self.process, os.WNOHANG)
            self.status = status if process else None
            time.sleep(0.01)


def forked(
    words: Sequence[str],
    home: Path,
    folder: Path,
    strike: Strike | None = None,
    prepare: Callable[[], None] = lambda: None,
) -> Running:
    """Run a command in a fork; ``home`` gets what it says, ``folder`` is where it writes.

    ``prepare`` is called in the fork before.
    """
    told, tell = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(told)
        _run(words, home, folder, strike, prepare, tell)
    os.close(tell)
    os.read(told, 1)
    os.close(told)
    return Running(process, home, time.perf_counter())


def wait(running: Running, strike: Strike | None = None) -> Ended:
    """Wait for the end of a run, and strike it where that is to happen after so many seconds."""
    if strike is not None and strike.seconds is not None:
        time.sleep(strike.seconds)
        os.kill(running.process, strike.signal)
    status = running.status
    if status is None:
        _, status = os.waitpid(running.process, 0)
    code = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - running.began
    steps = running.home / "steps"
    count = steps.stat().st_size if steps.exists() else 0
    said = (running.home / "said").read_text(encoding="utf-8", errors="replace")
    return Ended(128 - code if code < 0 else code, said, seconds, count)


def started(words: Sequence[str], home: Path, strike: Strike) -> Ended:
    """Run a command in a process that starts from nothing, as a shell does."""
    code = (
        "from archgraph.cli import main; import os, sys; os.write(1, b'.')\n"
        "sys.argv[0] = 'archgraph'; sys.exit(main())"
    )
    began = time.perf_counter()
    with (home / "said").open("wb") as said:
        with subprocess.Popen(
            [sys.executable, "-c", code, *words],
            stdout=subprocess.PIPE,
            stderr=said,
            env=os.environ | {"TMPDIR": str(home / "tmp")},
        ) as process:
            assert process.stdout is not None
            process.stdout.read(1)  # from here on the command is the command's own
            time.sleep(strike.seconds or 0)
            process.send_signal(strike.signal)
        status = process.returncode
    text = (home / "said").read_text(encoding="utf-8", errors="replace")
    seconds = time.perf_counter() - began
    return Ended(128 - status if status < 0 else status, text, seconds, 0)


def _run(
    words: Sequence[str],
    home: Path,
    folder: Path,
    strike: Strike | None,
    prepare: Callable[[], None],
    tell: int,
) -> None:
    """Be the process that runs the command."""
    import tempfile

    status = 70
    try:
        said = os.open(home / "said", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(said, 1)
        os.dup2(said, 2)
        sys.stdout, sys.stderr = (os.fdopen(n, "w", closefd=False) for n in (1, 2))
        tempfile.tempdir = str(home / "tmp")
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        sys.argv = ["archgraph", *words]
        prepare()
        _count(home / "steps", folder, strike)
        from archgraph.cli import main

        os.write(tell, b".")
        status = main()
    except SystemExit as error:
        status = int(error.code or 0)
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(status)


def _count(steps: Path, folder: Path, strike: Strike | None) -> None:
    """Note every step on the disk below a folder, and strike before the one that is asked for."""
    note = os.open(steps, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    done = 0
    below = (f"{folder}/", str(folder))

    def hook(event: str, given: tuple[object, ...]) -> None:
        nonlocal done
        if event not in STEPS:
            return
        if not any(isinstance(each, str | os.PathLike) and _is_below(each) for each in given):
            return
        os.write(note, b".")
        done += 1
        if strike is not None and strike.step == done:
            os.kill(os.getpid(), strike.signal)

    def _is_below(path: str | os.PathLike[str]) -> bool:
        text = os.fspath(path)
        return text == below[1] or text.startswith(below[0])

    sys.addaudithook(hook)
