"""One Python and one set of versions: what is installed, run and tested there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError
from pathlib import Path

from bench.platforms.interpreters import Interpreter
from bench.platforms.requirements import EXTRAS, ROOT, lowest
from tests.fresh import Environment

__all__ = ["Tried", "tried"]

TOOLS = (
    *("pytest", "hypothesis", "packaging", "pyyaml", "pypdf", "pygraphviz", "shapely"),
    "svg.path",
)
"""What tests need; those of a package that has no wheel for a Python are left out there."""

FROM_HERE = ("torch", "onnxscript", "fvcore")
"""What is imported from where this runs."""

SLOW = ("test_documentation_site", "test_missing_packages", "test_packaging", "test_house")
"""Tests of the checkout rather than of what is installed, and those that make environments."""

EXTRA_TESTS = (
    *("test_annotation", "test_onnx", "test_onnx_import", "test_onnx_light", "test_onnx_storage"),
    *("test_read_and_written", "test_torch_checkpoints", "test_torch_module", "test_torch_reading"),
)
"""Where torch is there, too: modules, checkpoints and ONNX files."""

STRICT = """
import sys, warnings
for kind in (DeprecationWarning, PendingDeprecationWarning, EncodingWarning, FutureWarning,
             ImportWarning, ResourceWarning, RuntimeWarning, SyntaxWarning):
    warnings.filterwarnings("error", category=kind, module=r"archgraph(\\.|$)")
from archgraph.cli import main
sys.exit(main())
"""
"""The command line, on which a warning of Python about our own code is an error."""

SCRIPTS = (
    "draw lenet5 -o 합성곱.pdf --set C1:label=합성곱",
    "draw lenet5 -o arabic.png --set C1:label=طبقة",
)
"""Labels for which fonts are read, and shaped."""

READ = (
    "cost net.onnx",
    "draw net.onnx -o read.svg",
    "diff net.onnx googlenet",
    "annotate net.onnx -o noted.onnx",
    "annotate net.onnx -o noted.json",
)
WRITTEN = (
    "export lenet5 -o made.onnx --check",
    "export resnet18 -o made.py",
    "cost made.onnx",
)

IMPORTED = """
import ast, importlib.util, pathlib, sys

folder = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(folder))

def there(file, seen):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    # What is imported in a function of a test is needed; in one of those beside, perhaps not.
    for node in ast.walk(tree) if file.stem.startswith("test_") else tree.body:
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        names += [node.module] if isinstance(node, ast.ImportFrom) else []
        for name in {each.partition(".")[0] for each in names} - seen:
            seen.add(name)
            if importlib.util.find_spec(name) is None:
                return False
            beside = folder / f"{name}.py"
            if beside.is_file() and not there(beside, seen):
                return False
    return True

print(*(each.stem for each in sorted(folder.glob("test_*.py")) if there(each, set())))
"""
"""Names the files of tests of which an interpreter has all that they import."""


@dataclass
class Tried:
    """What was tried with one Python, and what went wrong."""

    python: Interpreter
    versions: dict[str, str] = field(default_factory=dict)
    extras: list[str] = field(default_factory=list)
    commands: int = 0
    tests: int = 0
    failed: list[str] = field(default_factory=list)


def tried(
    python: Interpreter, files: tuple[Path, Path], folder: Path, pins: Sequence[str]
) -> Tried:
    """Install the sdist bare and the wheel with its extras, each in an empty environment, and try.

    ``pins`` are versions that pip must take.
    """
    row = Tried(python)
    sdist, wheel = files
    bare, full = (folder / f"{kind}{python.version}" for kind in ("bare", "full"))
    for home, file in ((bare, sdist), (full, wheel)):
        home.mkdir()
        print(f"Python {python.version}: {file.name}", file=sys.stderr, flush=True)
        made = _made(python, home / "env", file, pins)
        if file is sdist:
            _run(row, home, made, _light())
            _tools(made)
            _test(row, home, made, _importable(made))
            row.versions |= _versions(made)
            continue
        _bring(row, made, python, pins)
        if "onnx" in row.extras:
            _here("export", "googlenet", "-o", home / "net.onnx")
            _run(row, home, made, READ)
        if "torch" in row.extras:
            _run(row, home, made, WRITTEN)
        if "torch" in row.extras and pins:  # with the newest, it is what `make test` runs
            _tools(made)
            _test(row, home, made, EXTRA_TESTS)
        row.versions |= _versions(made)
    return row


def _made(python: Interpreter, folder: Path, file: Path, pins: Sequence[str]) -> Environment:
    """Make an environment with what a file of ours requires, by pip."""
    command = [python.program, "-m", "venv", "--without-pip", str(folder)]
    subprocess.run(command, check=True)
    made = Environment(folder)
    _install(made, str(file), *(each for each in pins if each not in lowest(EXTRAS)))
    _check(made, "-W", "error", "-m", "compileall", "-q", "-f", str(_home(made)))
    return made


def _home(made: Environment) -> Path:
    """Return where the package lies in an environment."""
    (found,) = made.folder.glob("lib/python*/site-packages/archgraph")
    return found


def _install(made: Environment, *what: str) -> None:
    """Install with pip what must be had."""
    done = _pip(made, *what)
    assert done.returncode == 0, done.stderr


def _tools(made: Environment) -> None:
    """Install what tests need, as far as there are wheels for this Python."""
    for each in TOOLS:
        _pip(made, "--only-binary=:all:", each)


def _pip(made: Environment, *what: str) -> subprocess.CompletedProcess[str]:
    pip = [sys.executable, "-m", "pip", "--python", str(made.python), "install", "--quiet"]
    pip += ["--disable-pip-version-check", "--prefer-binary", *what]
    return subprocess.run(pip, capture_output=True, encoding="utf-8", check=False)


def _bring(row: Tried, made: Environment, python: Interpreter, pins: Sequence[str]) -> None:
    """Bring what the extras ask for, as far as there are wheels for this Python."""
    for each in EXTRAS:
        wanted = next((pin for pin in pins if pin.startswith(f"{each.name}==")), str(each))
        if _pip(made, "--only-binary=:all:", wanted).returncode == 0:
            row.extras.append(each.name)
    # The index has builds of torch for GPUs, so it is the one that is installed here, or none.
    if python.minor == sys.version_info[:2]:
        for name in FROM_HERE:
            with suppress(PackageNotFoundError):
                made.link(name)
                row.extras += [name] if name == "torch" else []


def _versions(made: Environment) -> dict[str, str]:
    told = "f'{each.name} {each.version}' for each in distributions()"
    code = f"from importlib.metadata import *; print(*({told}), sep=chr(10))"
    return dict(line.split() for line in _check(made, "-c", code).splitlines())


def _check(made: Environment, *arguments: str) -> str:
    done = made.run(made.folder, "python", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _here(*arguments: str | Path) -> None:
    """Run the command line of this environment, which has all that archgraph can use."""
    command = [sys.executable, "-m", "archgraph", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True)


def _light() -> list[str]:
    """Return the commands that README shows and that need no extra, and one for every format."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = "".join(re.findall(r"^```(?:sh|console)\n(.*?)^```", text, re.M | re.DOTALL))
    shown = re.findall(r"^(?:\$ )?archgraph (.+?)(?: +#.*)?$", blocks, re.M)
    light = [each for each in shown if not re.search(r"\.onnx|\.py:|--onnx", each)]
    forms = ("svg", "pdf", "png", "pptx", "html", "tex", "dot")
    drawn = [f"draw resnet18 -o {each}.{each}" for each in forms]
    charts = [f"compare lenet5 alexnet -o chart.{each}" for each in forms[:4]]
    return [*light, *drawn, *charts, "export lenet5 -o saved.json", "cost saved.json", *SCRIPTS]


def _run(row: Tried, folder: Path, made: Environment, commands: Sequence[str]) -> None:
    """Run commands, on which every warning of Python about our code is an error."""
    (folder / "strict.py").write_text(STRICT, encoding="utf-8")
    for each in commands:
        words = ("-X", "warn_default_encoding", "-X", "dev", "strict.py", *shlex.split(each))
        done = made.run(folder, "python", *words)
        row.commands += 1
        if done.returncode or re.search("Traceback|Exception ignored", done.stderr):
            row.failed.append(f"archgraph {each}: {done.stderr.strip()[-600:]}")
    done = made.run(folder, "archgraph", "--version")
    row.commands += 1
    if done.returncode:
        row.failed.append(f"archgraph --version: {done.stderr}")


def _importable(made: Environment) -> list[str]:
    (made.folder / "importable.py").write_text(IMPORTED, encoding="utf-8")
    return _check(made, "-P", "importable.py", str(ROOT / "tests")).split()


def _test(row: Tried, folder: Path, made: Environment, names: Sequence[str]) -> None:
    """Run files of tests on what is installed, not on the checkout, which the folder hides."""
    files = [str(ROOT / "tests" / f"{each}.py") for each in names if each not in SLOW]
    words = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), "-p", "no:cacheprovider"]
    done = subprocess.run(
        [str(made.python), "-P", "-m", "pytest", *words, "--tb=short", *files],
        cwd=folder,
        env={**os.environ, "PYTHONSAFEPATH": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    found = re.search(r"(\d+) passed", done.stdout)
    row.tests += int(found[1]) if found else 0
    row.failed += re.findall(r"^(?:FAILED|ERROR) .*", done.stdout, re.M)
    if done.returncode:
        print(done.stdout[-20_000:], file=sys.stderr)
        row.failed += [] if row.failed else ["pytest ended without a word"]
