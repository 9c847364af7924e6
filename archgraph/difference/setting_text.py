"""Values of a difference as people read them: settings, shapes, totals."""

from __future__ import annotations

from typing import Any

from archgraph.difference.findings import Setting
from archgraph.metrics import Number
from archgraph.ops import Op
from archgraph.tables.operator_text import operator_text
from archgraph.tensors import Batch, extent_text, shape_text
from archgraph.units import exact_text

__all__ = ["exact_change", "plain", "setting_text", "shape_change"]

SHAPES = frozenset(("shape", "output", "normalized_shape", "sizes", "size"))
"""Settings whose value is a shape."""

SHORT = {
    "in_channels": "in",
    "out_channels": "out",
    "in_features": "in",
    "out_features": "out",
    "kernel_size": "kernel",
    "num_features": "channels",
    "num_channels": "channels",
    "shape": "",
    "output": "",
    "operator": "",
    "reads": "",
    "type": "",
}
"""What a setting is called in a sentence, where that is not its own name."""


def setting_text(setting: Setting) -> str:
    """Return a setting in words: ``stride 1 → 2``, ``ReLU → GELU``."""
    name = SHORT.get(setting.name, setting.name.replace("_", " "))
    both = setting.before, setting.after
    before, after = (_text(setting.name, each) for each in both)
    if before == after and all(isinstance(each, tuple) for each in both):
        before, after = ("×".join(map(extent_text, each)) for each in both)
    return f"{name} {before} → {after}".lstrip()


def shape_change(setting: Setting) -> str:
    """Return two shapes: ``64×56×56 → 32×56×56``."""
    return f"{shape_text(setting.before)} → {shape_text(setting.after)}"


def _text(name: str, value: Any) -> str:
    if isinstance(value, Op):
        return operator_text(value)
    if isinstance(value, tuple):
        extents = all(each is None or isinstance(each, int) for each in value)
        if extents and name in SHAPES:
            return shape_text(value)
        texts = [
            extent_text(each) if each is None or type(each) is Batch else str(each)
            for each in value
        ]
        if len(set(texts)) == 1 and name not in ("dims",):
            return texts[0]
        return "×".join(texts) if extents else f"({', '.join(texts)})"
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return exact_text(value)
    return str(value)


def plain(value: Any) -> Any:
    """Return a setting's value as JSON holds it."""
    if isinstance(value, Op):
        return {"op": value.kind, "args": value.settings()}
    if isinstance(value, (tuple, list)):
        return [plain(each) for each in value]
    if type(value) is Batch:
        return extent_text(value)
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def exact_change(before: Number | None, after: Number | None) -> str:
    """Return what lies between two totals, with its share: ``+5,308,416 (+3.8 %)``."""
    if before is None or after is None:
        return exact_text(None)
    step = after - before
    if not step:
        return "0"
    share = f" ({step / before:+.1%})".replace("%", " %") if before else ""
    return f"{step:+,}{share}"
