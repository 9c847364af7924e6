"""ONNX files that people open in other tools (private).

What can be chosen is declared in ``options``, which loads without torch and onnx.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .check import Row, check_file, compare, difference
    from .export import export_onnx
    from .options import Options

_HOMES = {
    "Options": "options",
    "Row": "check",
    "check_file": "check",
    "compare": "check",
    "difference": "check",
    "export_onnx": "export",
}

__all__ = ["Options", "Row", "check_file", "compare", "difference", "export_onnx"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
