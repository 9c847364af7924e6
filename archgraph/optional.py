"""Packages that may be missing: one sentence says what to install."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from archgraph.errors import MissingDependencyError

__all__ = ["EXTRAS", "PACKAGES", "needing"]

EXTRAS = {
    "torch": ("torch", "safetensors", "numpy"),
    "onnx": ("onnx", "onnxruntime", "numpy", "torch", "safetensors"),
    "counters": (
        *("onnx", "onnxruntime", "numpy", "torch", "safetensors"),
        *("accelerate", "calflops", "fvcore", "onnx_tool", "ptflops", "thop", "torchinfo"),
    ),
    "dask": ("distributed", "dask"),
}
"""The modules that each extra of archgraph brings, the smallest extra first."""

PACKAGES = {
    "arabic_reshaper": "arabic-reshaper",
    "bidi": "python-bidi",
    "fontTools": "fonttools",
    "graphviz": "graphviz",
    "networkx": "networkx",
    "pandas": "pandas",
    "onnxscript": "onnxscript",
    "pptx": "python-pptx",
    "reportlab": "reportlab",
    "resvg_py": "resvg-py",
    "rich": "rich",
    "shtab": "shtab",
}
"""What installs each other module that archgraph imports."""


@contextmanager
def needing(what: str, extra: str | None = None) -> Iterator[None]:
    """Turn the failing import of a package inside into a MissingDependencyError.

    ``what`` is what needs it ("a .onnx file"); ``extra`` the extra of archgraph that brings all
    that it needs, where one does. Our own modules are never missing: their absence is a bug.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        module = (error.name or "").partition(".")[0]
        if module in ("", "archgraph"):
            raise
        raise MissingDependencyError(
            f"{what} needs {module}, which is not installed{_remedy(module, extra)}."
        ) from error


def _remedy(module: str, extra: str | None) -> str:
    """Return ``: pip install …``, or nothing where only another package knows what it needs."""
    found = [name for name, modules in EXTRAS.items() if module in modules]
    if found:
        return f': pip install "archgraph[{extra if extra in found else found[0]}]"'
    return f": pip install {PACKAGES[module]}" if module in PACKAGES else ""
