"""What case number so-and-so of a seed is: a file, and the command that reads it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from bench.fuzz.mutate_bytes import mutate_bytes
from bench.fuzz.mutate_checkpoints import mutate_pth, mutate_safetensors
from bench.fuzz.mutate_json import mutate_json, written_json
from bench.fuzz.mutate_messages import mutate_message

__all__ = ["LARGEST", "NET", "OUTPUT", "Case", "case"]

LARGEST = 2**20
"""Bytes of a case's file: the promise that is tested is about files below."""

NET, OUTPUT = "hostile", "out"
"""The file that is read and what is written, without their suffixes."""

_KINDS = {"onnx": 10, "json": 8, "safetensors": 1, "pth": 1, "large": 0.2}

_COMMANDS = (
    (6, "cost {file}"),
    (2, "cost {file} --by stage --format json -o {out}.json"),
    (2, "cost {file} --explain"),
    (2, "memory {file}"),
    (2, "memory {file} --training --optimizer adam --batch 3"),
    (1, "memory {file} --training --precision mixed --checkpoint block --fits 1GB"),
    (1, "memory {file} -o {out}.svg"),
    (2, "compare {file} lenet5"),
    (2, "diff {file} lenet5"),
    (5, "draw {file} -o {out}.svg"),
    (2, "draw {file} -o {out}.svg --level layer"),
    (1, "draw {file} -o {out}.svg --level stage --facts shape,costs --color macs"),
    (1, "draw {file} -o {out}.svg --style volumes"),
    (1, "draw {file} lenet5 -o {out}.svg --difference"),
    (1, "draw {file} -o {out}.html"),
    (1, "draw {file} -o {out}.pptx"),
    (1, "draw {file} -o {out}.pdf"),
    (1, "draw {file} -o {out}.tex"),
    (1, "draw {file} -o {out}.dot"),
    (1, "draw {file} -o {out}.mmd"),
    (1, "draw {file} -o {out}.drawio"),
    (1, "draw {file} -o {out}.svg --style receptive"),
    (1, "cost {file} --columns params,macs,peak_memory,receptive_field,traffic_bytes"),
    (1, "roofline {file} --device A100"),
    (1, "memory {file} --training -o {out}.svg"),
    (1, "growth {file} --over batch"),
    (1, "growth {file}"),
    (1, "draw {file} -o {out}.pdf --fit column"),
    (1, "split {file} --devices 2"),
    (1, "split {file} --devices 2 --how channels"),
    (3, "export {file} -o {out}.json"),
    (2, "export {file} -o {out}.py"),
    (2, "export {file} -o {out}.onnx --structure-only"),
    (1, "gallery {file} -o {out}"),
)
_WITH_WEIGHTS = ((1, "export lenet5 -o {out}.onnx --weights {file}"),)
_ONNX_ONLY = ((3, "annotate {file} -o {out}.onnx"), (2, "export {file} -o {out}.onnx"))


_RAW = 0.03
"""How many changes are to bytes, which mostly makes a file that is none of its kind."""


class Case(NamedTuple):
    """One case: the file's content, its suffix, where it came from, and what is run."""

    content: bytes
    suffix: str
    origin: str
    words: list[str]
    steps: int


def case(
    seed: str, number: int, files: Mapping[str, Sequence[Path]], keep: set[int] | None = None
) -> Case:
    """Return a case, or what is left of it where only some of its mutations are kept."""
    g = Random(f"{seed}:{number}")
    path = g.choice(files[g.choices([*_KINDS], [*_KINDS.values()])[0]])
    suffix = path.suffix[1:]
    commands = _COMMANDS + (_ONNX_ONLY if suffix == "onnx" else ())
    if suffix in ("safetensors", "pth"):
        commands = _WITH_WEIGHTS
    command = g.choices([words for _, words in commands], [weight for weight, _ in commands])[0]
    steps = g.choice((1, 1, 1, 2, 2, 3, 6))
    seeds = [g.getrandbits(64) for _ in range(steps)]
    kept = [Random(each) for place, each in enumerate(seeds) if keep is None or place in keep]
    content = _MUTATE[suffix](path.read_bytes(), kept)
    words = command.format(file=f"{NET}.{suffix}", out=OUTPUT).split()
    return Case(content, suffix, path.stem, words, steps)


def _onnx(content: bytes, steps: Sequence[Random]) -> bytes:
    from google.protobuf.message import EncodeError
    from onnx import ModelProto

    raw = [g for g in steps if g.random() < _RAW]
    model = ModelProto.FromString(content)
    for g in steps:
        if g not in raw:
            mutate_message(model, g)
    try:
        made = model.SerializeToString()
    except (EncodeError, ValueError):  # a text that is no Unicode
        made = content
    made = made if len(made) <= LARGEST else content
    return _bytes(made, raw)


def _json(content: bytes, steps: Sequence[Random]) -> bytes:
    raw = [g for g in steps if g.random() < _RAW]
    whole = [json.loads(content)]
    for g in steps:
        if g not in raw:
            mutate_json(whole, g)
    made = written_json(whole[0] if whole else None).encode(errors="surrogatepass")
    return _bytes(made if len(made) <= LARGEST else content, raw)


def _each(mutate: Callable[[bytes, Random], bytes]) -> Callable[[bytes, Sequence[Random]], bytes]:
    def mutated(content: bytes, steps: Sequence[Random]) -> bytes:
        for g in steps:
            made = mutate(content, g)
            content = made if len(made) <= LARGEST else content
        return content

    return mutated


_bytes = _each(mutate_bytes)
_MUTATE = {
    "onnx": _onnx,
    "json": _json,
    "safetensors": _each(mutate_safetensors),
    "pth": _each(mutate_pth),
}
