"""Streams that are closed, full or read to their end, and signals at any moment of a command."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from archgraph.cli import main

posix = pytest.mark.skipif(os.name == "nt", reason="as POSIX has it")
full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has it")


def run(words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of a shell in a folder; ``ARCHGRAPH`` stands for the command."""
    line = words.replace("ARCHGRAPH", f"'{sys.executable}' -m archgraph")
    return subprocess.run(
        ["sh", "-c", line],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


@full
@pytest.mark.parametrize("words", ["cost lenet5", "--help", "--version"])
def test_a_full_output_gets_one_sentence(tmp_path, words):
    done = run(f"ARCHGRAPH {words} >/dev/full", tmp_path)
    assert done.stderr == ("archgraph: cannot write to standard output: No space left on device.\n")
    assert done.returncode == 1


@posix
def test_a_closed_output_gets_one_sentence_where_something_is_said_there(tmp_path):
    done = run("ARCHGRAPH cost lenet5 >&-", tmp_path)
    assert done.stderr == "archgraph: cannot write to standard output: Bad file descriptor.\n"
    assert done.returncode == 1
    done = run("ARCHGRAPH cost lenet5 -o x.csv >&- <&-", tmp_path)
    assert (done.returncode, done.stderr) == (0, "wrote x.csv (607 B)\n")
    assert (tmp_path / "x.csv").read_text().startswith("name,")


@posix
@pytest.mark.parametrize(
    "closed", ["2>&-", *(["2>/dev/full"] if Path("/dev/full").exists() else [])]
)
def test_what_cannot_be_said_on_standard_error_changes_no_status(tmp_path, closed):
    assert run(f"ARCHGRAPH cost lenet5 -o x.csv {closed}", tmp_path).returncode == 0
    assert (tmp_path / "x.csv").read_text().startswith("name,")
    for words, status in (("cost lenet6", 1), ("cots", 2)):
        done = run(f"ARCHGRAPH {words} {closed}", tmp_path)
        assert (done.returncode, done.stdout) == (status, "")


@posix
def test_whoever_has_read_enough_hears_no_complaint(tmp_path):
    done = run("ARCHGRAPH cost resnet152 --format json | head -c 1", tmp_path)
    assert (done.stdout, done.stderr) == ("{", "")


# A signal at a moment that is named, not at one that a clock hits.

AT_IMPORT = """
import os, sys
_, moment, number = sys.argv
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == moment:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), int(number))
sys.meta_path.insert(0, Finder())
from archgraph.cli import main
sys.argv[1:] = ["draw", "lenet5", "-o", "x.svg"]
sys.exit(main())
"""


@posix
@pytest.mark.parametrize(
    ("name", "signalled"),
    [
        ("argparse", "SIGINT"),
        ("networkx", "SIGTERM"),
        ("archgraph.exporters.pictures", "SIGHUP"),
        ("archgraph.files", "SIGINT"),
    ],
)
def test_a_signal_while_packages_are_imported_ends_in_one_line(tmp_path, name, signalled):
    number = getattr(signal, signalled)
    command = [sys.executable, "-c", AT_IMPORT, name, str(int(number))]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False, timeout=60
    )
    how = "interrupted" if number == signal.SIGINT else f"stopped by {number.name}"
    assert done.stderr == f"archgraph: {how}; nothing was left half-written.\n"
    assert done.returncode == 128 + number
    assert not list(tmp_path.iterdir())


DROPPED = """
import os, signal, sys
class Dropped:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        sum(range(9))
def load(*_, **__):
    Dropped()
    while True:
        pass
from archgraph import loading
from archgraph.cli import main
loading.load = load
sys.argv[1:] = ["cost", "lenet5"]
sys.exit(main())
"""


@posix
def test_a_signal_inside_a_finaliser_is_not_lost():
    """Python drops what a finaliser raises, and goes on."""
    done = subprocess.run(
        [sys.executable, "-c", DROPPED],
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    assert done.stderr == "archgraph: stopped by SIGTERM; nothing was left half-written.\n"
    assert done.returncode == 128 + signal.SIGTERM


@posix
def test_a_signal_that_is_ignored_stays_so(tmp_path):
    """As under nohup."""
    code = AT_IMPORT.replace("import os, sys", "import os, signal, sys").replace(
        "sys.meta_path.insert",
        "signal.signal(int(number), signal.SIG_IGN)\nsys.meta_path.insert",
    )
    command = [sys.executable, "-c", code, "networkx", str(int(signal.SIGHUP))]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0
    assert [each.name for each in tmp_path.iterdir()] == ["x.svg"]


# Standard output as the file.


@pytest.mark.parametrize(
    ("words", "begins"),
    [
        ("draw lenet5 -o - --format svg", b"<?xml"),
        ("draw lenet5 -o - --format png", b"\x89PNG"),
        ("export lenet5 -o - --format json", b"{"),
        ("export lenet5 -o - --format py", b'"""'),
        ("compare lenet5 alexnet -o - --format pdf", b"%PDF"),
        ("cost lenet5 -o - --format csv", b"name,"),
        ("list -o - --format json", b"["),
    ],
)
def test_a_dash_is_standard_output_in_a_format_that_is_named(
    capfdbinary, tmp_path, monkeypatch, words, begins
):
    monkeypatch.chdir(tmp_path)
    assert main(words.split()) == 0
    assert capfdbinary.readouterr().out.startswith(begins)
    assert not list(tmp_path.iterdir())


def test_what_goes_to_standard_output_is_what_goes_to_a_file(tmp_path, capfdbinary):
    assert main(["draw", "lenet5", "-o", str(tmp_path / "x.svg")]) == 0
    capfdbinary.readouterr()
    assert main(["draw", "lenet5", "-o", "-", "--format", "svg"]) == 0
    assert capfdbinary.readouterr().out == (tmp_path / "x.svg").read_bytes()


def test_a_format_that_is_named_goes_before_the_suffix(tmp_path):
    target = tmp_path / "picture"
    assert main(["draw", "lenet5", "-o", str(target), "--format", "svg"]) == 0
    assert target.read_text(encoding="utf-8").startswith("<?xml")
    assert main(["export", "lenet5", "-o", str(tmp_path / "x.txt"), "--format", "json"]) == 0
    assert json.loads((tmp_path / "x.txt").read_text())["format"] == "archgraph"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("draw lenet5 -o -", "add --format"),
        ("draw lenet5 -o - --format oil", "there is no format 'oil'"),
        ("export lenet5 -o - --format onnx --external", "a second file beside FILE"),
        ("export lenet5 -o - --format py --checkpoint x.pth", "a second file beside FILE"),
        ("export lenet5 -o - --format onnx --check", "on standard output"),
        ("gallery lenet5 -o -", "a folder"),
    ],
)
def test_what_cannot_go_there_gets_one_sentence(capsys, tmp_path, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    assert main(words.split()) == 1
    caught = capsys.readouterr()
    assert said in caught.err
    assert (caught.out, caught.err.count("\n")) == ("", 1)
    assert not list(tmp_path.iterdir())
