"""The Pythons that are tried: those that are named, else those that the search path has."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass

from bench.platforms.requirements import PROJECT

__all__ = ["Interpreter", "found"]

ASKED = (
    'import platform; print(platform.python_version(), platform.python_implementation(), end="")'
)


@dataclass(frozen=True)
class Interpreter:
    """A program, and the version that it says it is."""

    program: str
    version: str

    @property
    def minor(self) -> tuple[int, int]:
        """What a release is called: (3, 12)."""
        major, minor = self.version.split(".")[:2]
        return int(major), int(minor)


def found() -> list[Interpreter]:
    """Return those of ``PYTHONS``, else one of each release on the search path, oldest first."""
    lowest = int(PROJECT["requires-python"].rpartition(".")[2])
    named = os.environ.get("PYTHONS", "").split()
    names = named or [f"python3.{minor}" for minor in range(lowest, lowest + 20)]
    made = [each for each in map(_asked, names) if each is not None]
    if missing := {*named} - {each.program for each in made}:
        raise SystemExit(f"no Python that runs: {', '.join(sorted(missing))}")
    return sorted(made, key=lambda each: each.minor)


def _asked(program: str) -> Interpreter | None:
    """Return what a program says that it is; None for one that is not there or does not run."""
    if shutil.which(program) is None:
        return None
    # A shim may stand for a release that nobody chose.
    done = subprocess.run([program, "-c", ASKED], capture_output=True, text=True, check=False)
    said = re.fullmatch(r"(3\.\d+\.\w+\+?) CPython", done.stdout)
    return None if done.returncode or not said else Interpreter(program, said[1])
