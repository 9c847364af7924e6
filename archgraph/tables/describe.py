"""An operator in two or three words, as a table shows it: ``Conv2d 7×7/2``."""

from __future__ import annotations

from archgraph.ops import Dropout, LocalResponseNorm, Op, Opaque

__all__ = ["operator_text"]


def operator_text(op: Op) -> str:
    """Return the operator's name with its kernel, stride, dilation and groups where it has them."""
    if isinstance(op, Opaque):
        return f"{op.type_name} (unknown)"
    words = [op.kind]
    kernel = getattr(op, "kernel_size", None)
    if kernel is not None:
        stride = getattr(op, "stride", (1, 1))
        words.append("×".join(map(str, kernel)))
        if stride != (1, 1):
            step = stride[0] if stride[0] == stride[1] else "×".join(map(str, stride))
            words[-1] += f"/{step}"
    dilation = getattr(op, "dilation", (1, 1))
    if dilation != (1, 1):
        words.append(f"dilation {dilation[0] if dilation[0] == dilation[1] else dilation}")
    if getattr(op, "groups", 1) != 1:
        words.append(f"groups {op.groups}")  # type: ignore[attr-defined]
    if isinstance(op, LocalResponseNorm):
        words.append(str(op.size))
    if isinstance(op, Dropout):
        words.append(f"{op.p:g}")
    return " ".join(words)
