"""Changes in checkpoints: the header of safetensors, and the pickle and the archive of torch."""

from __future__ import annotations

import json
import pickletools
import zipfile
import zlib
from io import BytesIO
from random import Random

from bench.fuzz.hostile_values import RAN, code, int_value, text_value
from bench.fuzz.mutate_bytes import mutate_bytes
from bench.fuzz.mutate_json import mutate_json, written_json

__all__ = ["mutate_pth", "mutate_safetensors"]

_LENGTH = 8
_BOMB = 200_000_000


def mutate_safetensors(content: bytes, g: Random) -> bytes:
    """Return a safetensors file with one change: in its header, the header's length, or bytes."""
    length = int.from_bytes(content[:_LENGTH], "little")
    head, data = content[_LENGTH : _LENGTH + length], content[_LENGTH + length :]
    change = g.choice(("header", "header", "header", "length", "bytes", "data"))
    try:
        known = json.loads(head)
    except (ValueError, RecursionError):
        return mutate_bytes(content, g)
    if change == "header":
        mutate_json(known, g)
        head = written_json(known).encode()
        return len(head).to_bytes(_LENGTH, "little") + head + data
    if change == "length":
        return (int_value(g) % 2**64).to_bytes(_LENGTH, "little") + content[_LENGTH:]
    if change == "data":
        return content[: _LENGTH + length] + mutate_bytes(data, g)
    return mutate_bytes(content, g)


_UNREADABLE = (
    zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, EOFError,
    RuntimeError,
)  # fmt: skip
"""What reading an archive raises that an earlier change has spoilt."""


def mutate_pth(content: bytes, g: Random) -> bytes:
    """Return a torch checkpoint with one change: in its pickle, its archive, or bytes."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = [(each.filename, archive.read(each)) for each in archive.infolist()]
    except _UNREADABLE:
        return mutate_bytes(content, g)
    change = g.choice(
        ("pickle", "pickle", "pickle", "code", "part", "name", "twice", "bomb", "raw")
    )
    if change == "raw" or not parts:
        return mutate_bytes(content, g)
    place = g.randrange(len(parts))
    name, held = parts[place]
    compressed = False
    if change in ("pickle", "code"):
        place = next((i for i, (each, _) in enumerate(parts) if each.endswith("data.pkl")), place)
        name, held = parts[place]
        held = _hostile_pickle(g) if change == "code" else _mutate_pickle(held, g)
        parts[place] = name, held
    elif change == "part":
        parts[place] = name, mutate_bytes(held, g)
    elif change == "name":
        parts[place] = text_value(g, [each for each, _ in parts])[:200] or "x", held
    elif change == "twice":
        parts.append(parts[place])
    else:
        parts[place] = name, bytes(_BOMB)
        compressed = True
    return _zipped(parts, compressed)


def _zipped(parts: list[tuple[str, bytes]], compressed: bool) -> bytes:
    import warnings

    found = BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(found, "w") as archive:
        warnings.simplefilter("ignore")  # a name that is there twice
        kind = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
        for name, held in parts:
            archive.writestr(zipfile.ZipInfo(name.encode(errors="replace").decode()), held, kind)
    return found.getvalue()


def _mutate_pickle(content: bytes, g: Random) -> bytes:
    """Return a pickle with an instruction left out, repeated or moved, or with a byte changed."""
    try:
        starts = [at for *_, at in pickletools.genops(content)]
    except (ValueError, UnicodeError, EOFError, IndexError):
        return mutate_bytes(content, g)
    bounds = [*zip(starts, [*starts[1:], len(content)], strict=True)]
    one, two = g.choice(bounds), g.choice(bounds)
    piece = content[one[0] : one[1]]
    return g.choice((
        lambda: content[: one[0]] + content[one[1] :],
        lambda: content[: two[0]] + piece + content[two[0] :],
        lambda: content[: two[0]] + piece * 1000 + content[two[0] :],
        lambda: mutate_bytes(content, g),
    ))()  # fmt: skip


def _hostile_pickle(g: Random) -> bytes:
    """Return a pickle that runs code where it is loaded without care."""
    statement = code()
    return g.choice((
        f"c__builtin__\nexec\n(V{statement}\ntR.",
        f"cbuiltins\nexec\n(V{statement}\ntR.",
        f"cos\nsystem\n(Vtouch {RAN}\ntR.",
        f"cposix\nsystem\n(Vtouch {RAN}\ntR.",
        f"csubprocess\ncheck_call\n(Vtouch {RAN}\ntR.",
        f"ctorch\nload\n(V{RAN}\ntR.",
        f"ctorch.serialization\nload\n(V{RAN}\ntR.",
        f"cnumpy\nsave\n(V{RAN}\nI1\ntR.",
        "cbuiltins\nbytearray\n(I9999999999\ntR.",
        "ctorch._utils\n_rebuild_tensor_v2\n(NI0\n(I99999999\nI99999999\nt(I0\nI0\ntI00\nNtR.",
        "ctorch\nzeros\n(I99999\nI99999\nI99\ntR.",
        "(" * 100_000 + "l" * 100_000 + ".",
        "(lp0\n" + "g0\na" * 1000 + ".",
    )).encode()  # fmt: skip
