"""How onnx's own test models are read: loaded, shapes as expected, refused (make onnx-cases).

Node cases are made by onnx in Python; the others are files in its package. A case is loaded twice:
as it is, the batch followed, and with the shapes of the inputs that it brings. Its output shapes
must then be those of the outputs that it expects, wherever onnx's own inference knows them.
"""

from __future__ import annotations

import os
import pickle
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archgraph.tensors import Batch

__all__ = ["Case", "Verdict", "between", "cases", "judged", "main", "node_case"]

PAGE = Path("docs/onnx-files.md")

Shape = tuple[Any, ...] | None


@dataclass(frozen=True)
class Case:
    """One model, the shapes of its inputs and those of the outputs that it expects."""

    kind: str
    name: str
    model: bytes
    inputs: tuple[Shape, ...]
    outputs: tuple[Shape, ...]


@dataclass
class Verdict:
    """What became of a case: "equal", "unknown" where onnx does not know either, or what is wrong.

    ``reason`` is the sentence of one that was refused.
    """

    name: str
    kind: str
    said: str
    reason: str = ""


@dataclass
class Count:
    """The verdicts of one kind."""

    said: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)


def cases() -> Iterator[Case]:
    """Yield onnx's node cases, then the models in its package."""
    import onnx
    from onnx.backend.test.case.node import collect_testcases

    for case in collect_testcases(None):
        if case.model is not None:
            yield node_case(case)
    root = Path(onnx.__file__).parent / "backend" / "test" / "data"
    for kind in ("light", "simple", "pytorch-converted", "pytorch-operator"):
        for path in sorted((root / kind).rglob("*.onnx")):
            model = onnx.load(path)
            name = path.stem if kind == "light" else path.parent.name
            yield Case(kind, name, path.read_bytes(), (), tuple(map(_declared, model.graph.output)))


def node_case(case: Any) -> Case:
    """Return one of the cases that onnx makes in Python."""
    first = case.data_sets[0] if case.data_sets else ((), ())
    inputs, outputs = (tuple(map(_shape, each)) for each in first)
    return Case("node", case.name, case.model.SerializeToString(), inputs, outputs)


def _shape(value: Any) -> Shape:
    """Return the shape of an array or a tensor of onnx, None for what is none."""
    if hasattr(value, "dims"):
        return tuple(value.dims)
    return tuple(value.shape) if hasattr(value, "shape") else None


def _declared(info: Any) -> Shape:
    """Return the shape that a file notes of an output, where it notes all of it."""
    dims = info.type.tensor_type.shape.dim
    known = info.type.tensor_type.HasField("shape") and all(d.HasField("dim_value") for d in dims)
    return tuple(d.dim_value for d in dims) if known else None


def judged(case: Case, folder: Path) -> Verdict:
    """Load a case both ways and compare its shapes."""
    import onnx

    from archgraph.errors import ArchGraphError
    from archgraph.importers.onnx import load_onnx

    path = folder / "case.onnx"
    path.write_bytes(case.model)
    model = onnx.load_from_string(case.model)
    stored = {tensor.name for tensor in model.graph.initializer}
    infos = [info for info in model.graph.input if info.name not in stored]
    given = {
        info.name: shape
        for info, shape in zip(infos, case.inputs, strict=False)
        if shape is not None and info.type.HasField("tensor_type")
    }
    try:
        nets = [load_onnx(path), load_onnx(path, input=given)] if given else [load_onnx(path)]
    except ArchGraphError as error:
        return Verdict(case.name, case.kind, "refused", str(error).replace(str(path), "FILE"))
    names = [info.name for info in model.graph.output]
    known = _known_to_onnx(model, given)
    told = [_results(net) for net in nets]
    said = "equal"
    for place, (name, wanted) in enumerate(zip(names, case.outputs, strict=False)):
        if wanted is None:
            continue
        for number, shapes in enumerate(told):
            if len(shapes) != len(names):
                return Verdict(case.name, case.kind, "outputs missing")
            found = _at(shapes[place], 1 if number else _batch(infos[0], given) if infos else 1)
            if found == wanted:
                continue
            if number and found is not None and None not in found:
                return Verdict(case.name, case.kind, f"differs: {found} is not {wanted}")
            if number and name in known:
                return Verdict(case.name, case.kind, "unknown to us only")
            said = "unknown"
    return Verdict(case.name, case.kind, said)


def _batch(info: Any, given: dict[str, Sequence[int]]) -> int:
    """Return the batch of a case: axis 0 of its first input."""
    noted = [dim.dim_value for dim in info.type.tensor_type.shape.dim]
    shape = given.get(info.name, noted)
    return shape[0] if shape else 1


def _known_to_onnx(model: Any, given: dict[str, Sequence[int]]) -> set[str]:
    """Return the outputs whose shapes onnx infers for these inputs."""
    import onnx

    for info in model.graph.input:
        if info.name in given:
            dims = info.type.tensor_type.shape
            del dims.dim[:]
            for size in given[info.name]:
                dims.dim.add().dim_value = size
    try:
        done = onnx.shape_inference.infer_shapes(model, data_prop=True)
    except Exception:  # onnx raises what its C++ threw, of no common class
        return set()
    return {info.name for info in done.graph.output if _declared(info) is not None}


def _results(net: Any) -> list[Shape]:
    return [net.tensor(ref).shape for ref in net.results]


def _at(shape: Shape, batch: int) -> Shape:
    if shape is None:
        return None
    return tuple(int(each) * batch if type(each) is Batch else each for each in shape)


def guarded(all_cases: Iterable[Case]) -> Iterator[Verdict]:
    """Yield every verdict; what ends the process (onnx's inference can) is one of them."""
    waiting = list(all_cases)
    while waiting:
        reader, writer = os.pipe()
        if not (child := os.fork()):
            with os.fdopen(writer, "wb") as to, tempfile.TemporaryDirectory() as folder:
                for case in waiting:
                    pickle.dump(judged(case, Path(folder)), to)
                    to.flush()
            os._exit(0)
        os.close(writer)
        done = 0
        with os.fdopen(reader, "rb") as source:
            while True:
                try:
                    yield pickle.load(source)
                except EOFError:
                    break
                done += 1
        os.waitpid(child, 0)
        if done < len(waiting):
            case = waiting[done]
            yield Verdict(case.name, case.kind, "ended the process")
            done += 1
        waiting = waiting[done:]


def main() -> None:
    """Judge all cases, print those that are not equal, write the table."""
    counts: dict[str, Count] = {}
    for verdict in guarded(cases()):
        count = counts.setdefault(verdict.kind, Count())
        word = verdict.said.partition(":")[0]
        count.said[word] += 1
        if word != "equal":
            print(f"{verdict.kind} {verdict.name}: {verdict.said} {verdict.reason}")
        if verdict.reason:
            count.reasons[verdict.reason] += 1
    _write(counts)


def _write(counts: dict[str, Count]) -> None:
    head = "| cases | all | loaded | shapes equal | not known, nor to onnx | other | refused |\n"
    lines = [head.rstrip(), "|---|--:|--:|--:|--:|--:|--:|"]
    for kind, count in counts.items():
        total, said = sum(count.said.values()), count.said
        refused = said["refused"]
        other = total - said["equal"] - said["unknown"] - refused
        numbers = (total, total - refused, said["equal"], said["unknown"], other, refused)
        lines.append(f"| {kind} | {' | '.join(f'{n:,}' for n in numbers)} |")
    reasons = [(n, reason) for c in counts.values() for reason, n in c.reasons.most_common()]
    lines += ["", *(f"* {n} refused: {reason}" for n, reason in reasons)] if reasons else []
    table = "\n".join(lines)
    print(table)
    between(PAGE, "cases: made by make onnx-cases", table)


def between(page: Path, mark: str, table: str) -> None:
    """Put a table into a page of the documentation, between its mark and the next end."""
    text = page.read_text(encoding="utf-8")
    first, found, rest = text.partition(f"<!-- {mark} -->\n")
    _, end, tail = rest.partition("<!-- end -->")
    if not found or not end:
        raise ValueError(f"{page} has no place for '{mark}'.")
    page.write_text(f"{first}{found}\n{table}\n\n{end}{tail}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
