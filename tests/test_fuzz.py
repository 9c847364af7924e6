"""The fuzzer: that it judges rightly, a short run of it, and what longer runs have found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

pytest.importorskip("torch")

from bench.fuzz.cases import case
from bench.fuzz.corpus import corpus
from bench.fuzz.hostile_values import RAN
from bench.fuzz.trial import MEMORY, tried

FOUND = sorted((Path(__file__).parent / "data" / "found").glob("*.*"))
ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


@pytest.fixture(scope="module")
def files(results):
    return corpus(results / "corpus")


def test_a_case_follows_from_its_seed_and_number(files):
    assert case("a", 7, files) == case("a", 7, files)
    assert len({case(seed, number, files).content for seed in "ab" for number in range(50)}) > 80


@pytest.mark.usefixtures("files")
def test_a_run_breaks_nothing_and_goes_on_where_it_was(results):
    def run(cases: int) -> subprocess.CompletedProcess[str]:
        words = [f"--cases={cases}", "--seed=test", "--processes=1", f"--results={results}"]
        return subprocess.run(
            [sys.executable, "-m", "bench.fuzz", *words],
            cwd=ROOT, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"},
        )  # fmt: skip

    first = run(120)
    assert first.returncode == 0, first.stdout + first.stderr
    rows = [json.loads(line) for line in (results / "test.jsonl").read_text().splitlines()]
    assert [row["case"] for row in rows] == [*range(120)]
    assert {row["suffix"] for row in rows} == {"json", "onnx", "pth", "safetensors"}
    assert {row["word"] for row in rows} == {"done", "refused"}
    (results / "test.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows[:100]))
    assert "| all | 110 |" in run(110).stdout


WRONG = {
    "raise KeyError('x')": "traceback",
    "raise RecursionError": "traceback",
    "open('beside.bin').read()": "opened",
    "open('../beside.bin').read()": "opened",
    "open('/etc/hostname').read()": "opened",
    "os.open('beside.bin', os.O_RDONLY)": "opened",
    "os.system('true')": "opened",
    f"open('{RAN}', 'w')": "ran",
    "bytearray(2**30 + 2**28)": "memory",
    "bytearray(2**36)": "memory",
    "os.kill(os.getpid(), 11)": "crash",
    "open('out.svg', 'w').write('<svg>')": "malformed",
    "None": "lost",
    "print('\\x1b[2J')": "garbled",
    "sys.stderr.write('x' * 5000)": "garbled",
    "sys.exit(1)": "silent",
    "print('archgraph: no.', file=sys.stderr), sys.exit(1)": "refused",
    "open('out.svg', 'w').write('<svg/>')": "done",
    "os.mkdir('.out-x.partial')": "litter",
}


@pytest.mark.parametrize(("statement", "word"), WRONG.items())
def test_what_a_command_does_wrong_is_seen(tmp_path, monkeypatch, statement, word):
    def wrong(_words: list[str]) -> int:
        exec(statement, {"os": os, "sys": sys})
        return 0

    monkeypatch.setattr(import_module("archgraph.cli.main"), "main", wrong)
    found = tried(["draw", "x.json", "-o", "out.svg"], "x.json", b"{}", tmp_path)
    assert found.word == word, found


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.name)
@pytest.mark.parametrize(
    "command",
    [
        "cost {} --explain",
        "memory {} --training",
        "draw {} -o out.svg",
        "export {} -o out.json",
        "export {} -o out.py",
        "growth {}",
    ],
)
def test_what_was_found_stays_mended(tmp_path, path, command):
    words = command.format(f"hostile{path.suffix}").split()
    if path.suffix in (".pth", ".safetensors"):
        words = f"export lenet5 -o out.onnx --weights hostile{path.suffix}".split()
    found = tried(words, f"hostile{path.suffix}", path.read_bytes(), tmp_path)
    assert found.word in ("done", "refused"), found
    assert found.memory < max(MEMORY, _now())


def _now() -> int:
    """Return what this process holds: those that are forked from it begin with as much."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 + 2**28


def test_the_page_says_the_limits_that_hold():
    table = pytest.importorskip("bench.limits_table")
    assert table.limits_table() in (ROOT / table.PAGE).read_text(encoding="utf-8")
