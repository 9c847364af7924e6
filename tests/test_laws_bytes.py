"""The same network gives the same bytes in every process, whatever order its sets have there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from hypothesis import given
from laws import law
from random_networks import networks

PROGRAM = """
import contextlib, hashlib, io, sys
from pathlib import Path

import archgraph as ag
from archgraph.cli import main

folder, *names = map(Path, sys.argv[1:])
for path in names:
    net = ag.load(str(path))
    for suffix in ("json", "svg", "pptx", "pdf", "html", "tex", "dot"):
        ag.export(net, folder / f"it.{suffix}")
        print(path.stem, suffix, hashlib.sha256((folder / f"it.{suffix}").read_bytes()).hexdigest())
    for level in ("stage", "layer"):
        ag.draw(net, folder / f"{level}.svg", level=level)
        print(path.stem, level, hashlib.sha256((folder / f"{level}.svg").read_bytes()).hexdigest())
    for suffix in ("onnx", "py"):
        try:
            ag.export(net, folder / f"it.{suffix}")
        except ag.ArchGraphError as error:
            print(path.stem, suffix, error)
        else:
            written = (folder / f"it.{suffix}").read_bytes()
            print(path.stem, suffix, hashlib.sha256(written).hexdigest())
    told = io.StringIO()
    with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
        main(["cost", str(path), "--by", "block"])
    print(path.stem, "table", hashlib.sha256(told.getvalue().encode()).hexdigest())
"""


def told(seed: int, folder: Path, names: list[str]) -> list[str]:
    """Return what a process with its own order of sets writes of networks, as digests."""
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder), *names],
        env={**os.environ, "PYTHONHASHSEED": str(seed), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()


def test_bytes_are_the_same_in_every_process(tmp_path):
    names = ["lenet5", "inception_naive"]

    @law(3)
    @given(networks())
    def drawn(net):
        path = tmp_path / f"net{len(names)}.json"
        net.save(path)
        names.append(str(path))

    drawn()
    first, *others = (told(seed, tmp_path / str(seed), names) for seed in (0, 1, 2))
    assert len(first) == 12 * len(names)
    for other in others:
        assert other == first


def test_a_process_has_an_order_of_sets_of_its_own():
    # Else the test above could not fail.
    code = "print(list({'conv', 'relu', 'pool', 'add', 'norm'}))"
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": str(each)},
            capture_output=True,
            check=True,
        ).stdout
        for each in range(8)
    }
    assert len(said) > 1
