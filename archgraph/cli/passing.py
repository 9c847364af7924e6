"""Options on their way to an exporter: only those given, and only such as it takes."""

from __future__ import annotations

from inspect import Parameter, signature
from pathlib import Path
from typing import Any

from archgraph.errors import FormatError

__all__ = ["passed"]


def passed(path: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Return the options that were given (not None); FormatError for one the format lacks."""
    from archgraph.exporting import exporter

    given = {name: value for name, value in options.items() if value is not None}
    suffix = path.suffix.lstrip(".").lower()
    if not suffix:
        raise FormatError(f"'{path}' has no suffix that says the format, such as .svg or .onnx.")
    taken = signature(exporter(suffix)).parameters
    if any(each.kind is Parameter.VAR_KEYWORD for each in taken.values()):
        return given
    for name in given:
        if name not in taken:
            raise FormatError(f"a .{suffix} file does not take --{name.replace('_', '-')}.")
    return given
