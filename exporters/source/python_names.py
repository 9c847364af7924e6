"""A graph's words as Python's: identifiers, class names, quoted text; never as code."""

from __future__ import annotations

import keyword
import re
import textwrap
from collections.abc import Collection

__all__ = [
    "Names",
    "camel",
    "docstring",
    "is_attribute",
    "quoted",
    "snake",
]

_TAKEN = {
    *("F", "NamedTuple", "Tensor", "batch", "device", "name", "nn", "range", "self", "super"),
    *("torch", "_"),
}
"""What the written files themselves use."""

_LONGEST = 32
_WRAPPED = 85


class Names:
    """Hands out each name once."""

    def __init__(self, taken: Collection[str] = ()) -> None:
        self._taken = _TAKEN | set(taken)

    def unused(self, wanted: str) -> str:
        """Return ``wanted``, with a number behind it when it is taken."""
        name, number = wanted, 2
        while not self.allows(name):
            # "conv1" gets "conv1_2", because "conv12" reads as another layer.
            name = f"{wanted}{'_' if wanted[-1].isdigit() else ''}{number}"
            number += 1
        self._taken |= {name}
        return name

    def allows(self, name: str) -> bool:
        """Return whether a name is free."""
        return name not in self._taken and not keyword.iskeyword(name)


def is_attribute(word: str) -> bool:
    """Return whether ``self.word`` is the module's ``word`` and nothing else.

    Python would read a word that is not ASCII in its normal form, and one that begins with two
    underscores with the class's name before it.
    """
    return (
        re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", word) is not None
        and not keyword.iskeyword(word)
        and not word.startswith("__")
    )


def snake(text: str) -> str:
    """Return a text's letters and digits as a variable's name; "" when it has no letter first."""
    words = re.findall(r"[a-z0-9]+", text.replace("×", "x").lower())
    name = "_".join(words)[:_LONGEST].rstrip("_")
    return name if name[:1].isalpha() else ""


def camel(text: str) -> str:
    """Return a text's letters and digits as a class's name; "" when it has none."""
    name = ""
    for word in re.findall(r"[A-Za-z0-9]+", text.replace("×", "x")):
        apart = "_" if name[-1:].isdigit() and word[0].isdigit() else ""
        name += apart + word[0].upper() + word[1:]
    name = name[:_LONGEST].rstrip("_")
    return f"Net{name}" if name[:1].isdigit() else name


def quoted(text: str) -> str:
    """Return a string literal, with the quotes that formatters prefer."""
    body = repr(text)
    if body[0] == "'" and text.count('"') <= text.count("'"):
        return '"' + body[1:-1].replace("\\'", "'").replace('"', '\\"') + '"'
    return body


def docstring(*paragraphs: str) -> str:
    """Return a docstring of wrapped paragraphs; only printable characters, nothing escapes."""
    lines: list[str] = []
    for paragraph in paragraphs:
        shown = "".join(c if c.isprintable() else " " for c in paragraph)
        wrapped = textwrap.wrap(" ".join(shown.replace('"', "'").split()), _WRAPPED)
        lines += ["", *wrapped] if lines and wrapped else wrapped
    text = "\n".join(lines).replace("\\", "\\\\")
    return f'"""{text}\n"""' if "\n" in text else f'"""{text}"""'
