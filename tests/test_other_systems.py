"""What Windows and macOS demand, tried where neither is: names, encodings, modules, open files."""

from __future__ import annotations

import ast
import contextlib
import os
import re
import subprocess
import sys
from pathlib import Path, PureWindowsPath

import pytest

import archgraph as ag
from archgraph import loading
from archgraph.errors import FileError, UnknownNameError
from archgraph.factories import factory_in

ROOT = Path(__file__).parents[1]
SOURCES = [
    file
    for folder in ("archgraph", "exporters", "gallery")
    for file in sorted((ROOT / folder).rglob("*.py"))
]

# ---- what is not there -----------------------------------------------------------------------

HIDDEN = """
import importlib, os, pkgutil, signal, sys, types

POSIX = ("fcntl", "grp", "pwd", "resource", "termios", "tty")
sys.modules.update(dict.fromkeys(POSIX))
for home, names in {
    os: ("chown", "fchmod", "fork", "killpg", "mkfifo", "setsid"),
    signal: ("SIGALRM", "SIGCHLD", "SIGHUP", "SIGKILL", "SIGPIPE", "SIGUSR1", "alarm", "setitimer"),
}.items():
    for name in names:
        if hasattr(home, name):
            delattr(home, name)
import archgraph

for module in pkgutil.walk_packages(archgraph.__path__, "archgraph."):
    try:
        importlib.import_module(module.name)
    except ModuleNotFoundError as error:
        # The extras need not be there.
        if error.name in POSIX:
            raise
from archgraph.cli import main

# What Windows has instead, for who asks which system this is.
sys.platform, sys.modules["msvcrt"] = "win32", types.ModuleType("msvcrt")
vars(sys.modules["msvcrt"]).update(locking=lambda *_: None, LK_NBLCK=2, LK_UNLCK=0)
sys.exit(main(["draw", "lenet5", "-o", "x.svg"]))
"""


def test_nothing_needs_what_only_posix_has(tmp_path):
    done = subprocess.run(
        [sys.executable, "-P", "-c", HIDDEN],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "x.svg").is_file()


# ---- the encoding that a system prefers ------------------------------------------------------


def texts_without_encoding(tree: ast.AST) -> list[int]:
    """Return the lines where text is read or written in whatever encoding the system prefers."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        given = {each.arg: each.value for each in node.keywords}
        modes = [*node.args[name != "Path" and isinstance(node.func, ast.Name) :][:1]]
        mode = given.get("mode", *modes) if modes or "mode" in given else None
        match name:
            case "open" if not (isinstance(mode, ast.Constant) and "b" in str(mode.value)):
                is_text = not (isinstance(node.func, ast.Attribute) and _is_os(node.func.value))
            case "read_text" | "write_text" if isinstance(node.func, ast.Attribute):
                is_text = len(node.args) < 1 + (name == "write_text")
            case "run" | "Popen" | "check_output":
                is_text = "text" in given or "universal_newlines" in given
            case _:
                continue
        if is_text and "encoding" not in given:
            found.append(node.lineno)
    return found


def _is_os(value: ast.expr) -> bool:
    return isinstance(value, ast.Name) and value.id in ("os", "webbrowser")


def test_text_has_one_encoding_everywhere():
    found = {
        f"{file.relative_to(ROOT)}:{line}"
        for file in SOURCES
        for line in texts_without_encoding(ast.parse(file.read_text(encoding="utf-8")))
    }
    assert found == set()


@pytest.mark.parametrize(
    "line",
    [
        "open(path)",
        "path.open()",
        "path.open('w')",
        "path.read_text()",
        "path.write_text(text)",
        "subprocess.run(command, text=True)",
    ],
)
def test_the_measure_sees_a_text_without_encoding(line):
    assert texts_without_encoding(ast.parse(line)) == [1]


def test_lines_end_alike_on_every_system(tmp_path):
    net = ag.load("lenet5")
    ag.diff(net, net)
    for name in ("x.svg", "x.tex", "x.dot", "x.html", "x.py", "x.json"):
        ag.export(net, tmp_path / name)
        assert b"\r" not in (tmp_path / name).read_bytes()


# ---- names -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "home", "name", "part"),
    [
        (r"C:\models\net.py:make", r"C:\models\net.py", "make", ""),
        ("C:/models/net.py:make", "C:/models/net.py", "make", ""),
        (
            r"\\server\share\net.py:Net.tiny/layer1.0",
            r"\\server\share\net.py",
            "Net.tiny",
            "layer1.0",
        ),
        ("C:net.py:make", "C:net.py", "make", ""),
    ],
)
def test_the_colon_of_a_drive_is_none_of_a_factory(text, home, name, part):
    assert factory_in(text) == (home, name, part)


@pytest.mark.parametrize("text", [r"C:\models\net.onnx", "C:/net.onnx/stem", r"C:\a\net.json"])
def test_a_path_with_a_drive_is_no_factory(text):
    assert factory_in(text) is None


@pytest.mark.parametrize(
    ("text", "file", "part"),
    [
        (r"C:\models\net.onnx/stem", r"C:\models\net.onnx", "stem"),
        (r"C:\models\net.onnx\stem", r"C:\models\net.onnx", "stem"),
        (r"C:\models\NET.ONNX", r"C:\models\NET.ONNX", ""),
        ("C:/models/net.json/layer1.0", "C:/models/net.json", "layer1.0"),
        (str(PureWindowsPath("net.onnx/layer1.0")), "net.onnx", "layer1.0"),
    ],
)
def test_a_part_is_split_from_a_file_of_any_system(text, file, part):
    assert loading._split(text) == (file, part)


def test_a_part_may_be_called_as_a_file_and_a_folder_as_a_model(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "old.json"
    folder.mkdir()
    ag.load("googlenet").save(folder / "net.json")
    assert loading._split("old.json/net.json/inception3a") == ("old.json/net.json", "inception3a")
    assert loading._split("old.json/net.json/a.onnx") == ("old.json/net.json", "a.onnx")
    assert loading._split("old.json/net.json") == ("old.json/net.json", "")


def test_a_suffix_in_capitals_is_the_same_format(tmp_path):
    file = ag.load("lenet5").save(tmp_path / "NET.JSON")
    assert ag.load(file).total("macs") == ag.load("lenet5").total("macs")
    assert len(ag.load(f"{file}/F6")) < len(ag.load("lenet5"))


@pytest.mark.parametrize(
    "text", ["/models/net", "C:/models/net", r"C:\models\net", "./lenet5", "x/y.pb"]
)
def test_a_path_that_leads_nowhere_is_told_as_a_path(text):
    with pytest.raises(FileError, match=f"^there is no file '{re.escape(text)}'"):
        ag.load(text)


def test_a_wrong_network_of_a_part_is_told_with_the_right_one():
    with pytest.raises(UnknownNameError, match="did you mean 'lenet5'"):
        ag.load("lenet6/F6")


# ---- files that are open -----------------------------------------------------------------------


FILES = Path("/proc/self/fd")


def held(path: str | os.PathLike[str]) -> bool:
    """Return whether this process has a file open, or looks at its bytes in memory."""
    real = Path(path).resolve()
    if not real.is_file():
        return False
    for each in FILES.iterdir():
        with contextlib.suppress(OSError):  # gone meanwhile
            if each.samefile(real):
                return True
    maps = Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace")
    return any(line.endswith(f" {real}") for line in maps.splitlines())


@pytest.fixture
def windows(monkeypatch):
    """Nothing that is open or mapped can be replaced, renamed or removed."""
    if not FILES.is_dir():
        pytest.skip("tells what is open by /proc")
    pytest.importorskip("torch")
    from archgraph.exporters.pytorch import to_torch

    home = sys.modules[to_torch.__module__]
    monkeypatch.setattr(home, "MAPPED_FILES_ARE_HELD", True)
    for name in ("replace", "rename", "unlink", "remove"):
        monkeypatch.setattr(os, name, guarded(getattr(os, name)))


def guarded(real):
    def refusing(*paths, **more):
        for path in () if more else paths:
            if held(path):
                raise PermissionError(13, "Access is denied", os.fspath(path))
        return real(*paths, **more)

    return refusing


@pytest.fixture
def model(tmp_path) -> Path:
    """A file with a weight that is large enough to be mapped."""
    pytest.importorskip("onnx")
    pytest.importorskip("torch")
    b = ag.Builder("net", input=(64, 8, 8))
    net = b.build(b.linear("fc", b.flatten("flatten", b.relu("relu", b.input)), 100))
    return ag.export_onnx(net, tmp_path / "net.onnx")


@pytest.mark.usefixtures("windows")
def test_the_guard_sees_what_is_mapped(model):
    import numpy as np

    mapped = np.memmap(model, np.uint8, "c")
    with pytest.raises(PermissionError):
        model.replace(f"{model}.old")
    del mapped
    model.replace(f"{model}.old")


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize("external", [False, True])
def test_a_model_can_be_written_over_the_file_that_it_was_read_from(model, external):
    net = ag.load(model)
    ag.export_onnx(net, model, external=external)
    for _ in range(2):
        ag.export_onnx(ag.load(model), model, external=external)
    assert ag.diff(net, ag.load(model)).equal
    assert held(model) is False


@pytest.mark.usefixtures("windows")
def test_notes_can_be_written_into_the_same_file(model):
    ag.annotate(model, model)
    ag.annotate(model, model)
    assert not held(model)


@pytest.mark.usefixtures("windows")
def test_what_was_read_holds_no_file_open(model, tmp_path):
    net = ag.load(model)
    kept = [net, ag.to_torch(net), ag.load(net.save(tmp_path / "net.json"))]
    ag.draw(net, tmp_path / "net.png")
    assert len(kept) == 3
    assert not any(held(each) for each in tmp_path.iterdir())
