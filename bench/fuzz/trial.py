"""Runs one command in a process of its own, and says what became of it.

The process is forked from one that has imported everything, so that a case takes as long as its
command. It works in a folder with nothing but the file that it reads and a file beside it, which
it must not open.
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import shutil
import signal
import sys
import sysconfig
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

from archgraph.limits import MESSAGE
from bench.fuzz.hostile_values import BESIDE, RAN

__all__ = ["GOOD", "MEMORY", "SECONDS", "Verdict", "tried"]

SECONDS = 10
"""Of the processor: what a machine does besides is not the case's fault."""

MEMORY = 2**30
"""Bytes in memory at most, those of Python and its packages among them."""

GOOD = ("done", "refused")

_WALL = 120
_BEYOND = 2**31  # so much more may a case ask for before it is stopped
_WRITTEN = 2**28
_TRACEBACK = 70


class Verdict(NamedTuple):
    """What became of a case: a word, what there is to say, seconds, and the peak in bytes."""

    word: str
    detail: str
    seconds: float
    memory: int


def tried(words: Sequence[str], named: str, content: bytes, home: Path) -> Verdict:
    """Return what became of a command that reads ``content`` from the file ``named``.

    ``home`` is a folder that is emptied before.
    """
    folder = home / "case"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / named).write_bytes(content)
    unread = [folder / BESIDE, home / BESIDE]
    for path in unread:
        path.write_bytes(bytes(4096))
        os.utime(path, (0, 0))
    child = os.fork()
    if not child:
        _child(words, folder, home)
    status, usage = _ended(child)
    seconds, peak = usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024
    word, detail = _judged(status, seconds, peak, folder, home, words)
    if any(path.stat().st_atime for path in unread):
        word, detail = "opened", f"a file beside it; {word}: {detail}"
    return Verdict(word, detail, seconds, peak)


def _ended(child: int) -> tuple[int, Any]:
    """Wait for a process, but not for ever."""
    watched = os.pidfd_open(child)
    try:
        if not select.select([watched], [], [], _WALL)[0]:
            os.kill(child, signal.SIGKILL)
    finally:
        os.close(watched)
    _, status, usage = os.wait4(child, 0)
    return status, usage


def _child(words: Sequence[str], folder: Path, home: Path) -> None:
    """Run a command; never returns."""
    status = _TRACEBACK
    try:
        os.chdir(folder)
        for number, name in ((1, "stdout"), (2, "stderr")):
            os.dup2(os.open(home / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8")
        sys.stderr = os.fdopen(2, "w", encoding="utf-8")
        now = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        resource.setrlimit(resource.RLIMIT_AS, (now + _BEYOND, now + _BEYOND))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS + 1, SECONDS + 2))
        resource.setrlimit(resource.RLIMIT_FSIZE, (_WRITTEN, _WRITTEN))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        (home / "opened").write_text("")
        _watch(folder, home / "opened")
        from archgraph.cli.main import main

        try:
            status = main(list(words))
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
    except BaseException:
        with contextlib.suppress(BaseException):
            traceback.print_exc()
    finally:
        with contextlib.suppress(BaseException):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def _watch(folder: Path, log: Path) -> None:
    """Note what is opened that is neither the command's own nor Python's, and what is started."""
    paths = sysconfig.get_paths()
    homes = tuple(
        {
            *(str(Path(paths[each]).resolve()) for each in ("stdlib", "purelib", "platlib")),
            *(str(Path(each).resolve()) for each in sys.path if each and each != str(folder)),
            str(Path(sys.prefix).resolve()),
            str(Path(sys.base_prefix).resolve()),
            "/usr/lib",
            "/usr/share",
            "/proc/self",
            "/sys/fs/cgroup",
            "/sys/devices/system",
            os.devnull,
            "/dev/urandom",
        }
    )
    busy = False
    started = (
        "os.system", "os.exec", "os.posix_spawn", "os.fork", "subprocess.Popen", "socket.connect",
        "socket.bind", "socket.getaddrinfo",
    )  # fmt: skip

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal busy
        if busy or event not in ("open", *started):
            return
        busy = True
        try:
            what = event
            if event == "open":
                path, _, flags = arguments
                if isinstance(path, int):
                    return
                full = os.path.abspath(os.fsdecode(path))  # noqa: PTH100 (resolves no link)
                if full.startswith(homes):
                    return
                reads = flags & os.O_ACCMODE == os.O_RDONLY
                mine = full.startswith(f"{folder}/") and Path(full).name != BESIDE
                if mine or (not reads and full.startswith(f"{folder}")):
                    return
                what = f"open {full}"
            with log.open("a") as file:
                file.write(f"{what}\n")
        finally:
            busy = False

    sys.addaudithook(note)


def _judged(
    status: int, seconds: float, peak: int, folder: Path, home: Path, words: Sequence[str]
) -> tuple[str, str]:
    """Return the verdict's word and what there is to say of it."""
    said = (home / "stderr").read_text(errors="replace")
    shown = (home / "stdout").read_text(errors="replace")
    opened = (home / "opened").read_text() if (home / "opened").exists() else ""
    last = said.strip().splitlines()[-1] if said.strip() else ""
    if (folder / RAN).exists() or (home / RAN).exists():
        return "ran", "code of the file"
    if opened:
        return "opened", opened.splitlines()[0]
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number in (signal.SIGXCPU, signal.SIGKILL):
            return "timeout", f"after {seconds:.1f} s"
        return "crash", signal.Signals(number).name
    if seconds > SECONDS:
        return "timeout", f"{seconds:.1f} s"
    code = os.WEXITSTATUS(status)
    if "MemoryError" in last or peak > MEMORY:
        return "memory", f"{peak / 2**20:.0f} MiB; {last}"
    if code == _TRACEBACK:
        return "traceback", f"{_place(said)}: {last}"[:300]
    if code not in (0, 1, 3) or "Traceback" in said:
        return "traceback", f"status {code}: {last}"[:300]
    return _told(code, said, shown, folder, words)


def _told(code: int, said: str, shown: str, folder: Path, words: Sequence[str]) -> tuple[str, str]:
    """Return the verdict on what a command said and wrote, where it came to its own end."""
    lines = said.splitlines()
    if any(not each.isprintable() or len(each) > MESSAGE + 100 for each in lines):
        return "garbled", f"an error's line: {said[:100]!r}"
    if any(not each.isprintable() for each in shown.split("\n")):
        return "garbled", f"what is shown: {next(e for e in shown if not e.isprintable())!r}"
    output = folder / words[words.index("-o") + 1] if "-o" in words else None
    left = [path.name for path in folder.iterdir() if path.name.endswith(".partial")]
    if left:
        return "litter", left[0]
    if code == 1:
        if len([each for each in lines if each.startswith("archgraph: ")]) < 1:
            return "silent", said[:200]
        if output is not None and output.is_file():
            return "half-written", output.name
        return "refused", lines[-1][:200]
    if output is not None and not output.exists():
        return "lost", output.name
    for path in [] if output is None else [output, *output.glob("**/*.svg")]:
        if path.suffix == ".svg":
            try:
                ElementTree.parse(path)
            except ElementTree.ParseError as error:
                return "malformed", f"{path.name}: {error}"
    return "done", ""


def _place(said: str) -> str:
    """Return the innermost place of ours that a traceback names."""
    places = [line.strip() for line in said.splitlines() if line.strip().startswith("File ")]
    ours = [each for each in places if "/archgraph/" in each or "/exporters/" in each] or places
    if not ours:
        return "?"
    file, line, *_ = ours[-1].split(", ")
    return f"{Path(file.split(chr(34))[1]).name}:{line.removeprefix('line ')}"
