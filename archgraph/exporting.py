"""draw, export and to_torch: the way from the core to whatever package offers a format."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archgraph.errors import FormatError
from archgraph.graph import ArchGraph
from archgraph.names import nearest
from archgraph.registry import entry_points_of

if TYPE_CHECKING:
    import torch

__all__ = ["chart", "draw", "export", "export_onnx", "exporter", "formats", "inline", "to_torch"]

GROUP = "archgraph.exporters"
DISPLAYS = "archgraph.displays"


def formats() -> list[str]:
    """Return the formats that are installed: file suffixes, and ``torch``."""
    return sorted({point.name for point in entry_points_of(GROUP)})


def exporter(name: str) -> Callable[..., Any]:
    """Return the function behind a format; FormatError names those there are.

    A package adds a format with an entry point in the group ``archgraph.exporters``: its name is
    the file suffix without the dot, its value a function ``(net, path, **options)`` that writes
    the file whole or not at all.
    """
    for point in entry_points_of(GROUP):
        if point.name == name:
            found: Callable[..., Any] = point.load()
            return found
    known = [form for form in formats() if form != "torch"]
    raise FormatError(
        f"there is no format '{name}'{nearest(name, known)}; there are {', '.join(known)}."
    )


def draw(net: ArchGraph | Sequence[ArchGraph], path: str | Path, **options: Any) -> Path:
    """Draw one network, or several side by side, into a file whose suffix says the format."""
    written: Path = exporter(_suffix(path))(net, Path(path), **options)
    return written


def export(net: ArchGraph, path: str | Path, **options: Any) -> Path:
    """Export a network into a file whose suffix says the format: ``.onnx``, ``.py``."""
    written: Path = exporter(_suffix(path))(net, Path(path), **options)
    return written


def export_onnx(net: ArchGraph, path: str | Path, **options: Any) -> Path:
    """Write an ONNX file; ``module=`` gives the weights, without it seeded ones are made."""
    written: Path = exporter("onnx")(net, Path(path), **options)
    return written


def to_torch(net: ArchGraph, **options: Any) -> torch.nn.Module:
    """Return the network as an ``nn.Module`` whose submodules bear the node names."""
    module: torch.nn.Module = exporter("torch")(net, **options)
    return module


def chart(nets: Sequence[ArchGraph], path: str | Path, **options: Any) -> Path:
    """Draw a chart that compares networks; the suffix says the format: .svg, .pdf, .png, .pptx."""
    written: Path = _display("chart")(list(nets), Path(path), **options)
    return written


def inline(net: ArchGraph) -> dict[str, str]:
    """Return what shows a network in a notebook, by media type.

    The pictures come from the entry point ``notebook`` in the group ``archgraph.displays``.
    """
    found: dict[str, str] = _display("notebook")(net)
    return found


def _display(name: str) -> Callable[..., Any]:
    for point in entry_points_of(DISPLAYS):
        if point.name == name:
            found: Callable[..., Any] = point.load()
            return found
    raise FormatError(f"no installed package offers a {name}; install archgraph whole.")


def _suffix(path: str | Path) -> str:
    suffix = Path(path).suffix.lstrip(".").lower()
    if not suffix:
        raise FormatError(f"'{path}' has no suffix that says the format, such as .svg or .onnx.")
    return suffix
