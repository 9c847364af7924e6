"""What each process of a run does: cases one after another, and what broke made small."""

from __future__ import annotations

import gc
import os
import tempfile
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from bench.fuzz.cases import NET, Case, case
from bench.fuzz.trial import GOOD, Verdict, tried

__all__ = ["part", "ready", "verdict_of"]


def ready() -> None:
    """Import what the commands need, once for all cases of a process."""
    os.environ["OMP_NUM_THREADS"] = "1"
    import importlib
    import pkgutil

    import archgraph

    for each in pkgutil.walk_packages(archgraph.__path__, "archgraph."):
        if "__main__" not in each.name and "runtimes" not in each.name:
            importlib.import_module(each.name)
    import onnx.reference.ops
    import onnx.shape_inference
    import reportlab.pdfgen.canvas
    import safetensors.torch
    import torch

    _ = (onnx, reportlab, safetensors, torch)
    _sees_what_is_read()
    _warm()
    gc.freeze()  # what is there is not looked at, and so not copied, by those that are forked


def _warm() -> None:
    """Run commands on a sound network: what is read once (fonts, patterns) is there for all."""
    from archgraph.cli.main import main

    sink = StringIO()
    with (
        tempfile.TemporaryDirectory() as folder,
        chdir(folder),
        redirect_stdout(sink),
        redirect_stderr(sink),
    ):
        main(["export", "resnet18", "-o", "x.onnx", "--structure-only"])
        for suffix in ("svg", "pptx", "pdf", "html", "tex", "dot", "json", "py"):
            main(["export", "x.onnx", "-o", f"y.{suffix}"])
        main(["compare", "x.onnx", "lenet5"])
        main(["diff", "x.onnx", "lenet5"])
        main(["gallery", "lenet5", "-o", "site"])


def _sees_what_is_read() -> None:
    """Make sure that this file system tells when a file was read; else no case could be judged."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x")
        path.write_bytes(b"x")
        os.utime(path, (0, 0))
        path.read_bytes()
        if not path.stat().st_atime:
            raise SystemExit("the temporary folder's file system does not tell when files are read")


def part(seed: str, numbers: list[int], files: Any, findings: Path) -> list[dict[str, Any]]:
    """Return what became of some cases; what breaks is left in the folder ``findings``."""
    with tempfile.TemporaryDirectory() as folder:
        return [_row(seed, number, files, findings, Path(folder)) for number in numbers]


def _row(seed: str, number: int, files: Any, findings: Path, home: Path) -> dict[str, Any]:
    made = case(seed, number, files)
    verdict = verdict_of(made, home)
    if verdict.word not in GOOD:
        made = _smallest(seed, number, files, made, verdict, home)
        findings.mkdir(parents=True, exist_ok=True)
        name = f"{seed}-{number}-{verdict.word}.{made.suffix}"
        (findings / name).write_bytes(made.content)
    return {
        "case": number,
        "suffix": made.suffix,
        "command": " ".join(made.words),
        "origin": made.origin,
        **verdict._asdict(),
    }


def verdict_of(made: Case, home: Path) -> Verdict:
    """Return what becomes of a case that is tried in the folder ``home``."""
    return tried(made.words, f"{NET}.{made.suffix}", made.content, home)


def _smallest(seed: str, number: int, files: Any, made: Case, verdict: Verdict, home: Path) -> Case:
    """Return the case without the mutations that it breaks without."""
    kept = set(range(made.steps))
    for step in range(made.steps):
        fewer = case(seed, number, files, kept - {step})
        if len(kept) > 1 and verdict_of(fewer, home).word == verdict.word:
            kept, made = kept - {step}, fewer
    return made
