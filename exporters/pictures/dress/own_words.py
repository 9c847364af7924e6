"""Languages of pictures: the words that there are, those of a language, and words of one's own."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from archgraph.errors import DrawError, FileError
from archgraph.files import plain_file
from archgraph.forms import TEXT, shown
from archgraph.limits import LOOK
from archgraph.nearest import nearest

__all__ = ["LANGUAGES", "all_words", "language", "refuse_words"]

LANGUAGES = ("en", "ko")
"""The languages that come with archgraph; English is that of the words themselves."""

_FOLDER = Path(__file__).parent / "languages"
_HOLE = re.compile(r"\{(\w+)\}")


@lru_cache(maxsize=4)
def _shipped(name: str) -> Mapping[str, str]:
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def all_words() -> tuple[str, ...]:
    """Return every fixed word and sentence that pictures say, in English."""
    return tuple(_shipped("ko"))  # which has all of them


def language(name: str) -> Mapping[str, str]:
    """Return a language's words by the English ones: a name, or a TOML file of the same words.

    Words that a file lacks are said in English. Raises DrawError, in one sentence, and FileError.
    """
    if name == "en":
        return {}
    if name in LANGUAGES:
        return _shipped(name)
    if not name.lower().endswith(".toml"):
        raise DrawError(
            f"there is no language '{name}'{nearest(name, LANGUAGES)}; the languages are "
            f"{', '.join(LANGUAGES)}, or a TOML file of words."
        )
    found = _read(name)
    try:
        refuse_words(found)
    except DrawError as error:
        raise DrawError(f"the words '{name}': {error}") from None
    return {words: str(told) for words, told in found.items()}


def _read(path: str) -> dict[str, object]:
    try:
        with plain_file(path).open("rb") as file:
            content = file.read(LOOK + 1)
        if len(content) > LOOK:
            raise DrawError(f"the words '{path}' have more than {LOOK:,} bytes.")
        return tomllib.loads(content.decode())
    except OSError as error:
        raise FileError(f"cannot read the words '{path}': {error.strerror or error}.") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        why = str(error).rstrip(".")
        raise DrawError(f"the words '{path}' are no TOML: {why}.") from None
    except RecursionError:
        raise DrawError(f"the words '{path}' hold values in values, too deep.") from None


def refuse_words(given: Mapping[str, object]) -> None:
    """Raise DrawError for what no picture says, and for what cannot stand for it.

    What is put in, such as a number, must have its place: ``{count}``.
    """
    for words, told in given.items():
        if words not in all_words():
            raise DrawError(
                f"pictures do not say {shown(words)}{nearest(words, all_words())}; "
                "docs/look.md lists all that they say."
            )
        if not isinstance(told, str) or TEXT.fault(told) is not None:
            raise DrawError(f"{shown(words)} is {shown(told)}, but it takes one line of text.")
        holes, held = _HOLE.findall(words), _HOLE.findall(told)
        if sorted(holes) != sorted(held):
            want = " and ".join(f"{{{each}}}" for each in holes) or "nothing in braces"
            raise DrawError(f"{shown(words)} is {shown(told)}, but it must hold {want}, once.")
