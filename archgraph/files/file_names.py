"""Names of files after names of others: safe on every system, and no two the same."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import count
from unicodedata import category, normalize

from archgraph.limits import FILE_NAME

__all__ = ["FileNames"]

_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$"]
    + [f"{port}{number}" for port in ("com", "lpt") for number in "0123456789¹²³"]
)
"""What stands for a device on Windows, whatever suffix follows."""


class FileNames:
    """Gives file names after texts, each once.

    A name has letters, their marks and digits of any script, and ``._-``; anything else becomes a
    hyphen. It is neither hidden nor an option nor a device, ends with no dot, is as long as
    ``limits.FILE_NAME`` at most, so that suffixes have room, and differs from those that were given
    before also where a disk takes capital and small letters, or two ways to encode one, for the
    same.
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {_key(name) for name in taken}

    def of(self, text: str) -> str:
        """Return a name after ``text``, with a number where that is taken."""
        name = _safe(text)
        for number in count(2):
            if _key(name) not in self._taken:
                break
            end = f"-{number}"
            name = _cut(_safe(text), FILE_NAME - len(end)) + end
        self._taken.add(_key(name))
        return name


def _safe(text: str) -> str:
    signs = [sign if _plain(sign) else "-" for sign in _nfc(text)]
    words = "-".join(filter(None, "".join(signs).split("-")))
    name = _cut(words.lstrip(".-"), FILE_NAME) or "network"
    return f"_{name}" if name.partition(".")[0].casefold() in _DEVICES else name


def _plain(sign: str) -> bool:
    """Return whether a sign may stand in a name, and this system's names can hold it."""
    if sign not in "._-" and category(sign)[0] not in "LMN":
        return False
    try:
        sign.encode(sys.getfilesystemencoding(), sys.getfilesystemencodeerrors())
    except UnicodeEncodeError:
        return False
    return True


def _cut(name: str, most: int) -> str:
    """Return the beginning of a name in so many bytes; no dot or hyphen at its end."""
    return name.encode()[:most].decode(errors="ignore").rstrip(".-")


def _nfc(text: str) -> str:
    return normalize("NFC", text)


def _key(name: str) -> str:
    return _nfc(_nfc(name).casefold())
