"""What measuring needs from a TrueType or OpenType file: which characters it has, how wide."""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Face", "read_face"]


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face of a font file, its widths in units of 1/1000 of the type size."""

    path: Path
    index: int
    """Which face of a collection (.ttc); 0 in a plain file."""
    widths: dict[int, float]
    """The advance width of every character that the face can show, by code point."""
    truetype: bool
    """Whether its outlines are TrueType's, which a PDF can embed."""

    def has(self, char: str) -> bool:
        """Return whether the face has a glyph for this character."""
        return ord(char) in self.widths


def read_face(path: Path, index: int = 0) -> Face:
    """Read one face; raises ValueError where the file is no font or lacks a Unicode table."""
    try:
        # Mapped, not read: a face of Chinese and Korean is 20 MB, its tables of widths are not.
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            tables = _tables(data, _start(data, index))
            units = struct.unpack_from(">H", data, tables[b"head"] + 18)[0]
            glyphs = _glyphs(data, tables[b"cmap"])
            advances = _advances(data, tables)
    except (struct.error, KeyError, IndexError, ValueError) as error:
        raise ValueError(f"{path.name} is not a readable font file") from error
    last = advances[-1]
    count = len(advances)
    widths = {
        code: (advances[glyph] if glyph < count else last) * 1000 / units
        for code, glyph in glyphs.items()
    }
    return Face(path, index, widths, b"glyf" in tables)


def _start(data: mmap.mmap, index: int) -> int:
    if data[:4] != b"ttcf":
        if data[:4] not in (b"\0\1\0\0", b"OTTO", b"true"):
            raise struct.error("no font header")
        return 0
    return int(struct.unpack_from(">I", data, 12 + 4 * index)[0])


def _tables(data: mmap.mmap, start: int) -> dict[bytes, int]:
    count = struct.unpack_from(">H", data, start + 4)[0]
    records = struct.iter_unpack(">4s4xII", data[start + 12 : start + 12 + 16 * count])
    return {tag: offset for tag, offset, _ in records}


def _advances(data: mmap.mmap, tables: dict[bytes, int]) -> tuple[int, ...]:
    count = struct.unpack_from(">H", data, tables[b"hhea"] + 34)[0]
    return struct.unpack_from(">" + "H2x" * count, data, tables[b"hmtx"])


def _glyphs(data: mmap.mmap, cmap: int) -> dict[int, int]:
    """Return the glyph of each code point, from the table that holds the most of Unicode."""
    found: dict[int, int] = {}
    for number in range(struct.unpack_from(">H", data, cmap + 2)[0]):
        platform, encoding, offset = struct.unpack_from(">HHI", data, cmap + 4 + 8 * number)
        if platform != 0 and (platform, encoding) not in ((3, 1), (3, 10)):
            continue
        kind = struct.unpack_from(">H", data, cmap + offset)[0]
        if kind == 12:
            found |= _segmented_coverage(data, cmap + offset)
        elif kind == 4:
            found = _segments_to_deltas(data, cmap + offset) | found
    if not found:
        raise struct.error("no Unicode table")
    return found


def _segmented_coverage(data: mmap.mmap, at: int) -> dict[int, int]:
    """Read a cmap table of format 12."""
    count = struct.unpack_from(">I", data, at + 12)[0]
    glyphs: dict[int, int] = {}
    groups = struct.iter_unpack(">III", data[at + 16 : at + 16 + 12 * count])
    for first, last, glyph in groups:
        glyphs.update(
            zip(range(first, last + 1), range(glyph, glyph + last - first + 1), strict=True)
        )
    return glyphs


def _segments_to_deltas(data: mmap.mmap, at: int) -> dict[int, int]:
    """Read a cmap table of format 4."""
    double = struct.unpack_from(">H", data, at + 6)[0]
    half = double // 2
    lasts = struct.unpack_from(f">{half}H", data, at + 14)
    firsts = struct.unpack_from(f">{half}H", data, at + 16 + double)
    deltas = struct.unpack_from(f">{half}H", data, at + 16 + 2 * double)
    ranges_at = at + 16 + 3 * double
    ranges = struct.unpack_from(f">{half}H", data, ranges_at)
    glyphs: dict[int, int] = {}
    for segment, (first, last) in enumerate(zip(firsts, lasts, strict=True)):
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = code
            if ranges[segment]:
                place = ranges_at + 2 * segment + ranges[segment] + 2 * (code - first)
                glyph = struct.unpack_from(">H", data, place)[0]
                if not glyph:
                    continue
            glyph = (glyph + deltas[segment]) & 0xFFFF
            if glyph:
                glyphs[code] = glyph
    return glyphs
