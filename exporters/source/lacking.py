"""What torch.nn lacks, written into the files that need it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archgraph import ops

__all__ = ["LACKING", "lacking_in"]

LACKING = (
    *("OrderedDict", "PadShortcut", "TransposedLinear", "base64", "grouped_matmul"),
    *("rotary_angles", "unpacked", "zlib"),
)
"""The names that these and what they import take."""

_PAD_SHORTCUT = '''\
class PadShortcut(nn.Module):
    """Takes every stride-th pixel and adds channels of zeros before and after."""

    def __init__(self, stride: int, before: int, after: int) -> None:
        super().__init__()
        self.stride, self.before, self.after = stride, before, after

    def forward(self, x: Tensor) -> Tensor:
        x = x[:, :, :: self.stride, :: self.stride]
        return F.pad(x, (0, 0, 0, 0, self.before, self.after))
'''

_TRANSPOSED_LINEAR = '''\
class TransposedLinear(nn.Module):
    """A fully connected layer whose weights are stored as inputs × outputs."""

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(in_features, out_features))
        self.bias = nn.Parameter(torch.zeros(out_features)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight.T, self.bias)
'''

_GROUPED = '''\
def grouped_matmul(rows: Tensor, matrices: Tensor, ends: Tensor) -> Tensor:
    """Return each row times the matrix of its group; ``ends`` are where the groups end."""
    groups = rows.tensor_split(ends[:-1].tolist())
    return torch.cat([group @ matrix for group, matrix in zip(groups, matrices)])
'''

_UNPACKED = '''\
def unpacked(text: str, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
    """Return a table of numbers that the network computes by itself."""
    packed = bytearray(zlib.decompress(base64.b85decode(text)))
    return torch.frombuffer(packed, dtype=dtype).reshape(shape)
'''

_ROTARY = '''\
def rotary_angles(
    length: int, width: int, base: float = 10000.0, side_by_side: bool = False
) -> Tensor:
    """Return position × frequency for each channel; two channels share a frequency."""
    frequencies = base ** (-torch.arange(0, width, 2) / width)
    angles = torch.outer(torch.arange(length), frequencies)
    return angles.repeat_interleave(2, 1) if side_by_side else angles.repeat(1, 2)
'''

_ANY_STRIDE = (
    ("stride: int,", "stride: tuple[int, int],"),
    (":: self.stride, :: self.stride", ":: self.stride[0], :: self.stride[1]"),
)
"""The changes for a network with a stride that differs by axis."""


def lacking_in(found: Sequence[ops.Op], body: str) -> list[str]:
    """Return the layers and functions that the classes of a file's ``body`` call."""
    return [
        text
        for text in _of(found)
        if f"{text.removeprefix('class ').removeprefix('def ').partition('(')[0]}(" in body
    ]


def _of(found: Sequence[ops.Op]) -> Iterator[str]:
    """Yield the layers that torch.nn lacks, which are written into the file."""
    shortcuts = [op for op in found if isinstance(op, ops.PadShortcut)]
    if shortcuts:
        text = _PAD_SHORTCUT
        if any(op.stride[0] != op.stride[1] for op in shortcuts):
            for old, new in _ANY_STRIDE:
                text = text.replace(old, new)
        yield text
    if any(isinstance(op, ops.Linear) and op.transposed for op in found):
        yield _TRANSPOSED_LINEAR
    yield _GROUPED
    yield _UNPACKED
    yield _ROTARY
