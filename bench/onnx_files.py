"""How real ONNX files are read: python -m bench.onnx_files FOLDER writes the table of the docs.

Each file is loaded as it is, and where that leaves sizes open once more with sizes given: those of
``SIZES``, else those that archgraph gives as an example.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from archgraph.tensors import shape_text
from archgraph.units import count_text
from bench.onnx_cases import PAGE, between

__all__ = ["main"]

SIZES: Mapping[str, Mapping[str, tuple[Any, ...]]] = {
    "silero_vad": {"input": ("N", 576), "state": (2, "N", 128)},
    "PP-OCRv4_rec": {"x": ("N", 3, 48, 320)},
    "PP-OCRv6_rec": {"x": ("N", 3, 48, 320)},
    "mobile_v2.0_cls": {"x": ("N", 3, 48, 192)},
    "ddddocr/common": {"input1": (1, 1, 64, 160)},
}
"""Sizes that files are made for, by a part of their names, where others make no sense."""

HEAD = "| file | nodes | open | result | MACs | with sizes | MACs | unknown |"


def rows(folder: Path) -> Iterator[str]:
    """Yield a row for each file below a folder."""
    for path in sorted(folder.rglob("*.onnx")):
        name = str(path.relative_to(folder))
        try:
            yield _row(path, name)
        except Exception as error:  # the table is to say what went wrong with which file
            yield f"| {name} | | | {type(error).__name__}: {error} | | | | |"


def _row(path: Path, name: str) -> str:
    import archgraph as ag
    from archgraph.open_inputs import open_inputs

    net = ag.load(path)
    found = open_inputs(net)
    letters = "" if found is None else ", ".join(found.letters)
    said, sized = "", net
    if found is not None:
        own = next((sizes for part, sizes in SIZES.items() if part in name), found.example)
        sizes = {key: shape for key, shape in own.items() if key in net}
        sized = ag.load(path, input=sizes)
        said = ", ".join(f"{key}:{'x'.join(map(str, shape))}" for key, shape in sizes.items())
    unknown = sum(data["macs"] is None for _, data in sized.nodes(data=True))
    result = shape_text(net.tensor(net.results[0]).image)
    macs, other = _macs(net), _macs(sized) if said else ""
    parts = Path(name).parts
    label = f"{_package(parts[0])}: {parts[-1]}" if len(parts) > 1 else name
    return (
        f"| {label} | {len(net):,} | {letters} | {result} | {macs} | {said} | {other} "
        f"| {unknown or ''} |"
    )


def _package(folder: str) -> str:
    """Return the package and version of an unpacked wheel's folder."""
    return " ".join(folder.split("-")[:2])


def _macs(net: Any) -> str:
    total = net.total("macs")
    if total is not None:
        return count_text(total)
    known = sum(data["macs"] or 0 for _, data in net.nodes(data=True))
    return f"≥ {count_text(known)}"


def main(arguments: list[str]) -> None:
    """Write the table of the files below the folders that are named."""
    lines = [HEAD, "|---|--:|---|---|--:|---|--:|--:|"]
    for folder in map(Path, arguments):
        for row in rows(folder):
            print(row, flush=True)
            lines.append(row)
    between(PAGE, "files: made by python -m bench.onnx_files", "\n".join(lines))


if __name__ == "__main__":
    main(sys.argv[1:])
