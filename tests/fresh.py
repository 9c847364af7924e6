"""A fresh environment: a wheel of this repository and what it requires, nothing else."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from dataclasses import dataclass
from importlib.metadata import distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

__all__ = ["PROJECT", "ROOT", "Environment", "build", "sentence"]


def copied(target: Path) -> Path:
    """Copy the repository without what git ignores, so that nothing stale is built."""
    ignored = [each.strip("/") for each in (ROOT / ".gitignore").read_text().split()]
    shutil.copytree(ROOT, target, ignore=shutil.ignore_patterns(".git", *ignored))
    return target


def build(folder: Path) -> tuple[Path, Path]:
    """Build an sdist and, from it, a wheel."""
    tree = copied(folder / "tree")
    run(sys.executable, "-m", "build", "--outdir", folder, tree)
    (sdist,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
    return sdist, wheel


def run(*command: str | Path) -> str:
    done = subprocess.run([*map(str, command)], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def required(name: str) -> set[str]:
    """Return the names of a distribution that is installed here and of all that it requires."""
    found, waiting = set(), [name]
    while waiting:
        each = waiting.pop()
        if each in found:
            continue
        found.add(each)
        needs = [Requirement(text) for text in distribution(each).requires or ()]
        waiting += [r.name for r in needs if not r.marker or r.marker.evaluate({"extra": ""})]
    return found


@dataclass(frozen=True)
class Environment:
    """A virtual environment of its own, filled without asking a registry for anything."""

    folder: Path

    @classmethod
    def make(cls, folder: Path, wheel: Path) -> Environment:
        """Make one with a wheel and its runtime dependencies, linked from where tests run."""
        run(sys.executable, "-m", "venv", "--without-pip", folder)
        made = cls(folder)
        made.link(*(Requirement(each).name for each in PROJECT["project"]["dependencies"]))
        made.install(wheel)
        return made

    @property
    def python(self) -> Path:
        """The interpreter."""
        return self.folder / "bin" / "python"

    def link(self, *names: str) -> None:
        """Let distributions that are installed here, and what they require, be imported there."""
        bases = {"base": str(self.folder), "platbase": str(self.folder)}
        target = Path(sysconfig.get_path("purelib", "venv", vars=bases))
        has = {canonicalize_name(each.name) for each in distributions(path=[str(target)])}
        for name in set().union(*map(required, names)):
            if canonicalize_name(name) in has:
                continue
            there = distribution(name)
            for top in {file.parts[0] for file in there.files or ()} - {"..", "__pycache__"}:
                if not (target / top).exists():
                    (target / top).symlink_to(Path(str(there.locate_file(top))))

    def install(self, *sources: Path) -> None:
        """Install wheels or folders, without what they require."""
        pip = [sys.executable, "-m", "pip", "--python", self.python, "install", "--quiet"]
        run(*pip, "--no-deps", "--disable-pip-version-check", *sources)

    def run(self, folder: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment, such as archgraph or python, in a folder."""
        program, *arguments = map(str, command)
        return subprocess.run(
            [str(self.folder / "bin" / program), *arguments],
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one sentence of a command that failed."""
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    assert re.fullmatch(r"archgraph: .*\.\n", done.stderr), done.stderr
    return done.stderr
