"""What people set of single boxes, read from its text: ``layer1.*:label=Stem,hide``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from archgraph.errors import DrawError
from archgraph.nearest import nearest
from archgraph.options import written

__all__ = ["BoxSetting", "read_setting", "setting_texts"]

WORDS = ("label", "sublabel", "color", "legend", "note")
"""Settings that have a value."""

FLAGS = ("hide", "show")
"""Settings that have none."""

_START = re.compile(rf":(?=\s*(?:(?:{'|'.join(WORDS)})\s*=|(?:{'|'.join(FLAGS)})\s*(?:,|$)))")
_QUOTES = ("'", '"')


@dataclass(frozen=True, slots=True)
class BoxSetting:
    """What one text sets of all boxes that a pattern names; None leaves it as it is.

    ``sublabel`` stands below the label instead of everything else, ``legend`` says what the colour
    means, ``note`` stands beside the first of them.
    """

    pattern: str
    label: str | None = None
    sublabel: str | None = None
    color: str | None = None
    legend: str | None = None
    hide: bool | None = None
    note: str | None = None


def setting_texts(given: Mapping[Any, object]) -> tuple[str, ...]:
    """Return a mapping of patterns as the texts that a command line has.

    Each pattern has its settings as one text, or as another mapping: {"label": "Stem"}.
    """
    found = []
    for pattern, settings in given.items():
        if isinstance(settings, Mapping):
            pieces = []
            for name, value in settings.items():
                if name in FLAGS and isinstance(value, bool):
                    pieces.append("hide" if value == (name == "hide") else "show")
                elif isinstance(value, str):
                    text = value.replace("\\", "\\\\").replace('"', '\\"')
                    pieces.append(f'{name}="{text}"')
                else:
                    raise DrawError(
                        f"{written('set')} has {value!r} as {name} of '{pattern}', but it takes a "
                        "text."
                    )
            found.append(f"{pattern}:{','.join(pieces)}")
        elif isinstance(settings, str):
            found.append(f"{pattern}:{settings}")
        else:
            raise DrawError(
                f"{written('set')} has {settings!r} for '{pattern}', but it takes settings such as "
                "'label=Stem,hide'."
            )
    return tuple(found)


@lru_cache(maxsize=256)
def read_setting(text: str) -> BoxSetting:
    """Return what a text sets; DrawError says what is wrong with it.

    The pattern may hold colons: it ends where the first setting begins. Values may hold colons,
    and commas where these are quoted (``label="Stem, 7×7"``) or stand behind a backslash.
    """
    start = _START.search(text)
    pattern, settings = (
        (text[: start.start()], text[start.end() :]) if start else text.rpartition(":")[::2]
    )
    if not pattern.strip() or not settings.strip():
        raise DrawError(
            f"{written('set')} is '{text}', but it takes a pattern and settings, such as "
            "'layer1.*:label=Stem,color=#c0392b' or 'dropout*:hide'."
        )
    found: dict[str, Any] = {}
    for name, value in _settings(text, settings):
        if name not in (*WORDS, *FLAGS):
            raise DrawError(
                f"there is no setting '{name}' of a box{nearest(name, (*WORDS, *FLAGS))} in "
                f"'{text}'; the settings are {', '.join((*WORDS, *FLAGS))}, and a comma in a label "
                'is quoted: label="a, b".'
            )
        if (value is None) == (name in WORDS):
            right = f"{name}=…" if name in WORDS else f"{name} alone"
            raise DrawError(f"the setting '{name}' in '{text}' is written {right}.")
        if name in FLAGS:
            found["hide"] = name == "hide"
        elif not value and name != "sublabel":
            raise DrawError(f"the setting '{name}' in '{text}' is empty.")
        else:
            found[name] = value
    return BoxSetting(pattern.strip(), **found)


def _settings(whole: str, text: str) -> Iterator[tuple[str, str | None]]:
    """Yield each setting's name and value, None where it has none."""
    pieces: list[str] = []
    for piece in _pieces(whole, text):
        named = piece.partition("=")[0].strip() in (*WORDS, *FLAGS)
        # Notes are sentences, in which a comma goes without quotes.
        if pieces and not named and pieces[-1].lstrip().startswith("note"):
            pieces[-1] += f",{piece}"
        else:
            pieces.append(piece)
    for piece in pieces:
        name, sign, value = piece.partition("=")
        yield name.strip(), _plain(value.strip()) if sign else None


def _pieces(whole: str, text: str) -> list[str]:
    """Return what stands between commas that are neither quoted nor behind a backslash."""
    found, quote, escaped = [""], "", False
    for letter in text:
        if escaped:
            escaped = False
        elif letter == "\\":
            escaped = True
        elif quote:
            quote = "" if letter == quote else quote
        # An apostrophe within a word is no quote.
        elif letter in _QUOTES and found[-1].rstrip().endswith("="):
            quote = letter
        elif letter == ",":
            found.append("")
            continue
        found[-1] += letter
    if quote:
        raise DrawError(f"the quote {quote} in '{whole}' is not closed.")
    return found


def _plain(value: str) -> str:
    """Return a value without its quotes and backslashes."""
    if len(value) > 1 and value[0] in _QUOTES and value[-1] == value[0]:
        value = value[1:-1]
    return re.sub(r"\\(.)", r"\1", value)
