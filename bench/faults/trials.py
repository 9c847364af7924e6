"""Trials of one fault each: a folder, a command that is struck or refused, what is left of it."""

from __future__ import annotations

import contextlib
import io
import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from archgraph.cli import main
from archgraph.exporters.source.write_module import UNFINISHED

from .struck import Ended, Strike, forked, started, wait
from .writing_commands import FIRST, SECOND, Command, State, judged, state

__all__ = ["Bench", "Trial"]

NOBODY = 65534
"""A user who may write nowhere; root may everywhere."""

HELD = 0.6
"""How many of the folders hold already what the command wrote for another network."""


@dataclass(frozen=True)
class Trial:
    """What was tried, how often what is wrong with what it left, and what it said."""

    command: str
    wrong: dict[str, int]
    said: str


@dataclass(frozen=True)
class Alone:
    """What a command writes for the two networks when it is left alone, and how long it takes."""

    first: State
    second: State
    bridge: State
    ended: Ended


class Bench:
    """A folder for all trials, their dice, and what each command writes when left alone."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root, self.dice = root, Random(seed)
        self._alone: dict[str, Alone] = {}
        (root / "models").mkdir()
        for net in (FIRST, SECOND):
            for suffix in ("onnx", "json"):
                self._here(["export", net, "-o", str(root / "models" / f"{net}.{suffix}")])

    def struck(self, command: Command, number: int) -> Trial:
        """Strike a command with a signal; after one that kills, let it write once more."""
        alone = self._left_alone(command)
        if self.dice.random() < 0.5:
            strike = Strike(number, seconds=self.dice.uniform(0, 1.1 * alone.ended.seconds))
        else:
            strike = Strike(number, step=self.dice.randint(1, alone.ended.steps))
        with self._folder(alone.first) as (home, folder, before):
            words = self._words(command, SECOND, folder)
            ended = wait(forked(words, home, folder, strike), strike)
            wrong = judged(command, state(folder), before, alone.second, alone.bridge)
            if number == signal.SIGKILL:
                wait(forked(words, home, folder))
                again = judged(command, state(folder), before, alone.second, {})
                wrong["litter"] = again["litter"] + (again["lost"] or again["half-written"])
            else:
                wrong["litter"] += len(state(home / "tmp"))
                wrong["words"] = not _ended_well(ended, {0, 128 + number}, number)
        return Trial(command.name, wrong, ended.said)

    def starting(self, command: Command, number: int, seconds: float) -> Trial:
        """Strike a command that starts from nothing."""
        alone = self._left_alone(command)
        strike = Strike(number, seconds=self.dice.uniform(0, seconds))
        with self._folder(alone.first) as (home, folder, before):
            ended = started(self._words(command, SECOND, folder), home, strike)
            wrong = judged(command, state(folder), before, alone.second, alone.bridge)
            wrong["litter"] += len(state(home / "tmp"))
            wrong["words"] = not _ended_well(ended, {0, 128 + number}, number)
        return Trial(command.name, wrong, ended.said)

    def refused(self, command: Command, fault: str) -> Trial:
        """Let a command write where it cannot: "disk full", "read-only", "no temporary"."""
        alone = self._left_alone(command)
        largest = max(map(len, alone.second.values()))
        room = max(2048, int(self.dice.random() * largest))

        def full() -> None:
            if not folder.is_mount():
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

        def nobody() -> None:
            if os.getuid() == 0:
                os.setuid(NOBODY)

        prepare: dict[str, Callable[[], None]] = {
            "disk full": full,
            "read-only": nobody,
            "no temporary": _without_temporary,
        }
        with self._folder(alone.first) as (home, folder, before):
            words = self._words(command, SECOND, folder)
            with _small_disk(folder, before, room if fault == "disk full" else None):
                if fault == "read-only":
                    folder.chmod(0o555)
                ended = wait(forked(words, home, folder, prepare=prepare[fault]))
                found = state(folder)
                folder.chmod(0o755)
            wrong = judged(command, found, before, alone.second, alone.bridge)
            wrong["litter"] += len(state(home / "tmp"))
            wrong["words"] = not _ended_well(ended, {1} if fault == "read-only" else {0, 1})
        return Trial(command.name, wrong, ended.said)

    def steps(self, command: Command) -> int:
        """Return in how many steps on the disk a command writes."""
        return self._left_alone(command).ended.steps

    def at_once(self, command: Command, step: int) -> Trial:
        """Let a command write for two networks to the same place, one while the other pauses.

        It does so before a step on the disk, as long as the other needs or waits for it.
        """
        alone = self._left_alone(command)
        with self._folder(alone.first) as (home, folder, _):
            homes = [home / net for net in (FIRST, SECOND)]
            for each in homes:
                (each / "tmp").mkdir(parents=True)
            pause = Strike(signal.SIGSTOP, step=step)
            one = forked(self._words(command, SECOND, folder), homes[1], folder, pause)
            one.paused()
            other = forked(self._words(command, FIRST, folder), homes[0], folder)
            other.left(2 * alone.ended.seconds)  # it may wait for the one that is paused
            if one.status is None:
                os.kill(one.process, signal.SIGCONT)
            ended = [wait(one), wait(other)]
            wrong = judged(command, state(folder), alone.first, alone.second, {})
            wrong["words"] = sum(not _ended_well(each, {0}) for each in ended)
        return Trial(command.name, wrong, "".join(each.said for each in ended))

    def _words(self, command: Command, net: str, folder: Path, line: str = "") -> list[str]:
        words = command.words(net, folder, line)
        return [word.replace("MODELS", str(self.root / "models")) for word in words]

    def _left_alone(self, command: Command) -> Alone:
        if command.name not in self._alone:
            written = [self._written(command, net) for net in (FIRST, SECOND)]
            bridge = dict(self._written(command, SECOND, command.bridge)) if command.bridge else {}
            if "x.py" in bridge:
                bridge["x.py"] += UNFINISHED.format("x.py", "x.safetensors").encode()
            with self._folder({}) as (home, folder, _):
                ended = wait(forked(self._words(command, SECOND, folder), home, folder))
                assert (ended.status, state(folder)) == (0, written[1]), ended.said
            self._alone[command.name] = Alone(written[0], written[1], bridge, ended)
        return self._alone[command.name]

    def _written(self, command: Command, net: str, line: str = "") -> State:
        """Run a command in this process, which so loads what it needs, and return its files."""
        with self._folder({}) as (_, folder, _):
            self._here(self._words(command, net, folder, line))
            return state(folder)

    def _here(self, words: list[str]) -> None:
        with contextlib.redirect_stderr(io.StringIO()) as said:
            assert main(words) == 0, said.getvalue()

    @contextmanager
    def _folder(self, first: State) -> Iterator[tuple[Path, Path, State]]:
        """Give a folder for what a run says and one to write to, with what that one holds."""
        home = Path(tempfile.mkdtemp(dir=self.root))
        folder, temporary = home / "out", home / "tmp"
        before = first if first and self.dice.random() < HELD else {}
        folder.mkdir()
        temporary.mkdir()
        for name, content in before.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        for each in (home, temporary):
            each.chmod(0o777)
        try:
            yield home, folder, before
        finally:
            shutil.rmtree(home)


@contextmanager
def _small_disk(folder: Path, before: State, room: int | None) -> Iterator[None]:
    """Make a folder a disk with so much room beside what was there, where we may; or leave it."""
    size = (room or 0) + sum(len(each) + 3 * 4096 for each in before.values())
    mount = [
        "mount",
        "-t",
        "tmpfs",
        "-o",
        f"size={size},nr_inodes=9999,mode=755",
        "faults",
        str(folder),
    ]
    if room is None or os.getuid() or subprocess.run(mount, capture_output=True).returncode:
        yield
        return
    try:
        for name, content in before.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def _without_temporary() -> None:
    tempfile.tempdir = None
    tempfile._candidate_tempdir_list = list  # type: ignore[attr-defined]


def _ended_well(ended: Ended, statuses: set[int], number: int = 0) -> bool:
    """Return whether a run ended as is promised: its status, and one line where it failed."""
    if ended.status not in statuses:
        return False
    one_line = re.fullmatch(r"archgraph: [^\n]*\.\n", ended.said) is not None
    if number and ended.status == 128 + number:
        # Of one that is struck when its work is done, Python or the system shows the status.
        return (
            one_line
            or re.fullmatch(r"(?!.*Traceback)(wrote [^\n]*\n|[^\n]*\n)*", ended.said, re.DOTALL)
            is not None
        )
    return one_line if ended.status == 1 else "Traceback" not in ended.said
