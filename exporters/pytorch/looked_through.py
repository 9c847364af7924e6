"""A checkpoint looked through before torch loads it: what it calls, and how much it asks for.

A pickle is a program. torch runs only what it knows to be harmless, but that may still ask for any
amount of memory, or for more bytes than a record of the file has. Here the same program is run
with stand-ins that make nothing: each tensor must lie within its storage, each storage within the
file.
"""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import torch

from archgraph.errors import FormatError

__all__ = ["look_through"]

_MAGIC = b"PK\x03\x04"
_DAMAGED = (
    *(pickle.UnpicklingError, EOFError, AttributeError, TypeError, ValueError, LookupError),
    *(ArithmeticError, AssertionError, RuntimeError, OSError, struct.error),
)
"""What Python's reader of pickles and archives raises for one that is damaged."""


def look_through(file: Path) -> None:
    """Raise FormatError for a checkpoint that holds other things than tensors, or more than it has.

    What is damaged in another way is left to torch, which says so.
    """
    try:
        with file.open("rb") as opened:
            if opened.read(len(_MAGIC)) == _MAGIC:
                _archive(file)
            else:
                opened.seek(0)
                _in_a_row(opened, file)
    except _ForeignError as error:
        raise FormatError(
            f"'{file}' holds '{error}' beside tensors (Python code could run on loading), so it "
            "was not loaded; save its state_dict() alone."
        ) from None
    except (*_DAMAGED, zipfile.BadZipFile) as error:
        said = str(error).partition("\n")[0].rstrip(".") or "it is damaged or cut off"
        raise FormatError(f"'{file}' is not a PyTorch weight file: {said:.200}.") from None


def _archive(file: Path) -> None:
    """Look through a file as torch writes it today: an archive of a pickle and its storages."""
    size = file.stat().st_size
    with zipfile.ZipFile(file) as archive:
        records = archive.infolist()
        if any(each.compress_type != zipfile.ZIP_STORED for each in records):
            raise ValueError("its records are compressed, which torch's never are")
        if sum(each.file_size for each in records) > size:
            raise ValueError("its records are larger than it is")
        sizes = {each.filename: each.file_size for each in records}
        if len(sizes) < len(records):
            raise ValueError("it has two records of one name")
        programs = [name for name in sizes if name.endswith("/data.pkl") and name.count("/") == 1]
        if len(programs) != 1:
            raise ValueError("it has no data.pkl")
        home = programs[0].removesuffix("data.pkl")
        storages = {
            name.removeprefix(f"{home}data/"): each
            for name, each in sizes.items()
            if name.startswith(f"{home}data/")
        }
        _Looking(io.BytesIO(archive.read(programs[0])), size, storages).load()


def _in_a_row(opened: IO[bytes], file: Path) -> None:
    """Look through a file as torch wrote it before 1.6: pickles, and storages behind them."""
    size = file.stat().st_size
    for _ in ("magic number", "version", "machine", "what was saved", "keys of storages"):
        _Looking(opened, size, None).load()


class _ForeignError(Exception):
    """A name in a pickle that stands for no tensor and no container."""


class _Thing:
    """Whatever a pickle makes, made of nothing."""

    def __new__(cls, *_: Any, **__: Any) -> _Thing:
        return object.__new__(cls)

    def __setitem__(self, key: Any, value: Any) -> None:
        hash(key)


class _Dict(_Thing):
    """A dict with an order; torch notes the versions of modules on it."""

    def __setstate__(self, state: Any) -> None:
        if not isinstance(state, dict):
            raise ValueError("a dict in it has no attributes")


def _not_called(*_: Any) -> _Thing:
    """Stand for the class of a tensor, which is named but not called."""
    raise ValueError("it makes a tensor of nothing")


class _Storage(_Thing):
    """Numbers in the file: so many bytes."""

    bytes: int
    item: int


def _tensor(storage: Any, offset: Any, size: Any, stride: Any, *more: Any) -> _Thing:
    """Check that a tensor lies within its storage."""
    if not isinstance(storage, _Storage):
        raise ValueError("a tensor in it has no storage")
    kinds = [each for each in more if isinstance(each, torch.dtype)]
    item = kinds[0].itemsize if kinds else storage.item
    whole = (offset, *size, *stride)
    if len(size) != len(stride) or any(type(each) is not int or each < 0 for each in whole):
        raise ValueError("a tensor in it has no shape")
    last = offset + sum((each - 1) * step for each, step in zip(size, stride, strict=True))
    if 0 not in size and (last + 1) * item > storage.bytes:
        raise ValueError("a tensor in it is larger than its storage")
    return _Thing()


def _of_type(made: Any, _kind: Any, arguments: Any, _state: Any) -> _Thing:
    """Check a tensor of a class of its own."""
    if made is not _tensor and made is not _Thing:
        raise ValueError("a tensor in it is made in a way that is not known")
    found: _Thing = made(*arguments)
    return found


_KNOWN: Mapping[str, Any] = {
    "collections.OrderedDict": _Dict,
    "collections.Counter": _Thing,
    "torch.Size": _Thing,
    "torch.Tensor": _not_called,
    "torch.device": _Thing,
    "torch.nn.parameter.Parameter": _Thing,
    "torch.serialization._get_layout": _Thing,
    "torch._tensor._rebuild_from_type_v2": _of_type,
    "torch._utils._rebuild_parameter": _Thing,
    "torch._utils._rebuild_parameter_with_state": _Thing,
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_tensor_v3": _tensor,
    "builtins.complex": _Thing,
    "builtins.set": _Thing,
    "__builtin__.set": _Thing,
}
"""What may stand in a checkpoint besides element types and storages."""


_STORAGES: Mapping[str, torch.dtype] = {
    "BFloat16Storage": torch.bfloat16,
    "BoolStorage": torch.bool,
    "ByteStorage": torch.uint8,
    "CharStorage": torch.int8,
    "ComplexDoubleStorage": torch.complex128,
    "ComplexFloatStorage": torch.complex64,
    "DoubleStorage": torch.float64,
    "FloatStorage": torch.float32,
    "HalfStorage": torch.float16,
    "IntStorage": torch.int32,
    "LongStorage": torch.int64,
    "ShortStorage": torch.int16,
    "UntypedStorage": torch.uint8,
}
"""The element types of storages, which are no more than bytes today."""


class _Bounded:
    """A file of which nobody can ask for more than there is: room is made before bytes are read."""

    def __init__(self, opened: IO[bytes], size: int) -> None:
        self._opened, self._size = opened, size
        self.readline = opened.readline

    def read(self, count: int) -> bytes:
        if count > self._size:
            raise EOFError("it is cut off")
        return self._opened.read(count)


class _Looking(pickle._Unpickler):
    """Runs a pickle with stand-ins; Python's own reader in C makes room for any number in it."""

    def __init__(self, opened: IO[bytes], size: int, records: Mapping[str, int] | None) -> None:
        super().__init__(_Bounded(opened, size))
        self._left, self._records = size, records
        self._storages: dict[object, _Storage] = {}

    dispatch = {  # noqa: RUF012 - as in the class that this is one of
        code: step
        for code, step in pickle._Unpickler.dispatch.items()
        # What torch reads too; of others some make room for what is not there.
        if bytes((code,)) not in (pickle.BYTEARRAY8, pickle.NEXT_BUFFER, pickle.READONLY_BUFFER)
    }

    def find_class(self, module: str, name: str) -> Any:
        """Return a stand-in for what a pickle names; _ForeignError for what none is known of."""
        known = _KNOWN.get(f"{module}.{name}")
        if known is not None:
            return known
        found = getattr(torch, name, None) if module in ("torch", "torch.storage") else None
        if isinstance(found, torch.dtype):
            return found
        if name in _STORAGES and module in ("torch", "torch.storage"):
            return _STORAGES[name]
        raise _ForeignError(f"{module}.{name}")

    def persistent_load(self, pid: Any) -> _Storage:
        """Return the stand-in of a storage, which must not be larger than its place in the file."""
        word, kind, key, _, count, *view = pid
        if word not in ("storage", b"storage") or type(count) is not int or count < 0:
            raise ValueError("a storage in it has no size")
        found = _Storage()
        found.item = kind.itemsize
        found.bytes = count * found.item
        if self._records is not None:
            if self._records.get(str(key), -1) != found.bytes:
                raise ValueError("a storage in it is not as large as its record")
        elif key not in self._storages:
            self._left -= found.bytes
            if self._left < 0:
                raise ValueError("its storages are larger than it is")
        first = self._storages.setdefault(key, found)
        if found.bytes > first.bytes:
            raise ValueError("a storage in it has two sizes")
        if view and view[0] is not None:
            _, start, length = view[0]
            if min(start, length) < 0 or (start + length) * found.item > found.bytes:
                raise ValueError("a part of a storage in it lies beyond its end")
            found.bytes = length * found.item
        return found
