"""Strikes and refuses commands that write, and puts what is left of it into docs/security.md.

``python -m bench.faults --kills 20 cost draw`` tries those commands whose names hold one of these
words, and only prints.
"""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path

from bench.page import put

from .trials import Bench, Trial
from .writing_commands import COMMANDS, Command

__all__ = ["FAULTS", "PAGE", "table", "tried"]

PAGE = Path("docs/security.md")
COLUMNS = ("half-written", "lost", "mixed", "litter", "words")
HEAD = (
    "| fault | runs | half-written files | lost files | mixed pairs | litter "
    "| wrong status or words |\n|---|---:|---:|---:|---:|---:|---:|"
)

Runs = Iterator[Trial]


def _struck(name: str, share: float) -> Callable[[Bench, Sequence[Command], int], Runs]:
    number = getattr(signal, name)

    def run(bench: Bench, commands: Sequence[Command], kills: int) -> Runs:
        for command in islice(cycle(commands), int(kills * share)):
            yield bench.struck(command, number)

    return run


def _starting(bench: Bench, commands: Sequence[Command], kills: int) -> Runs:
    command = commands[0]
    began = time.perf_counter()
    bench.starting(command, signal.SIGTERM, 0)
    seconds = 4 * (time.perf_counter() - began)
    for number, _ in zip(cycle((signal.SIGINT, signal.SIGTERM)), range(kills // 10), strict=False):
        yield bench.starting(command, number, seconds)


def _refused(fault: str, times: int = 1) -> Callable[[Bench, Sequence[Command], int], Runs]:
    def run(bench: Bench, commands: Sequence[Command], kills: int) -> Runs:
        for command in commands:
            for _ in range(times if kills > 100 else 1):
                yield bench.refused(command, fault)

    return run


def _at_once(bench: Bench, commands: Sequence[Command], _: int) -> Runs:
    for command in commands:
        steps = range(1, bench.steps(command) + 1)
        for step in steps if command.pair else (bench.dice.choice(steps),):
            yield bench.at_once(command, step)


FAULTS: dict[str, Callable[[Bench, Sequence[Command], int], Runs]] = {
    "KILL, then written again": _struck("SIGKILL", 1),
    "TERM": _struck("SIGTERM", 1 / 3),
    "INT (Ctrl-C)": _struck("SIGINT", 1 / 3),
    "TERM or INT while it starts": _starting,
    "no room left": _refused("disk full", 3),
    "a folder that is read-only": _refused("read-only"),
    "no folder for temporary files": _refused("no temporary"),
    "two at once to the same path": _at_once,
}
"""What is done to the commands."""


def tried(commands: Sequence[Command], kills: int, seed: int = 0) -> dict[str, list[Trial]]:
    """Return all trials by fault; those that left something wrong are printed."""
    os.environ["OMP_NUM_THREADS"] = "1"
    found: dict[str, list[Trial]] = {}
    with tempfile.TemporaryDirectory(prefix="faults-") as root:
        Path(root).chmod(0o755)
        bench = Bench(Path(root), seed)
        for fault, run in FAULTS.items():
            began = time.perf_counter()
            found[fault] = []
            for trial in run(bench, commands, kills):
                found[fault].append(trial)
                if any(trial.wrong.values()):
                    print(f"{fault}: {trial.command}: {trial.wrong}\n{trial.said}", flush=True)
            seconds = time.perf_counter() - began
            print(f"{fault}: {len(found[fault])} runs in {seconds:.0f} s", file=sys.stderr)
    return found


def table(found: dict[str, list[Trial]]) -> str:
    """Return the table: what is wrong by fault, added up."""
    lines = [HEAD]
    for fault, trials in found.items():
        counts = [sum(trial.wrong.get(each, 0) for trial in trials) for each in COLUMNS]
        lines.append(f"| {fault} | {len(trials)} | {' | '.join(map(str, counts))} |")
    return "\n".join(lines)


def main(words: Sequence[str]) -> int:
    """Try all faults; return 1 where something was left."""
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description=__doc__)
    parser.add_argument("commands", nargs="*", help="words of the commands' names")
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(words)
    commands = [
        each
        for name, each in COMMANDS.items()
        if not chosen.commands or any(word in name for word in chosen.commands)
    ]
    found = tried(commands, chosen.kills, chosen.seed)
    text = table(found)
    if chosen.commands:
        print(text)
    else:
        system = f"{platform.system()}, Python {platform.python_version()}"
        put(PAGE, "faults", f"{text}\n\n{len(commands)} commands, seed {chosen.seed}; {system}.")
    return int(any(any(trial.wrong.values()) for trials in found.values() for trial in trials))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
