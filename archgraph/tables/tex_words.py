r"""Text for TeX: specials escaped, symbols as commands, other scripts set apart."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from itertools import groupby

__all__ = ["tex_words"]

_TEXT = {
    "\\": "backslash", "^": "asciicircum", "~": "asciitilde", "<": "less", ">": "greater",
    "|": "bar", "'": "quotesingle", "`": "asciigrave", "•": "bullet", "™": "trademark",
    "€": "euro",
}  # fmt: skip
_SPECIAL = {
    **{char: rf"\{char}" for char in "{}$&#%_"},
    **{char: rf"\text{name}{{}}" for char, name in _TEXT.items()},
    '"': r"\char34{}",  # OT1 has no \textquotedbl
    "\N{NO-BREAK SPACE}": "~",
    "\N{NON-BREAKING HYPHEN}": "-{}",
    "…": r"\dots{}",
}
_TWICE = re.compile(r"([-,])(?=\1)")
"""What makes a dash or a comma-like quote twice in a row."""
_AS_THEY_ARE = frozenset("¡£«»¿–—‘’‚“”„×÷±·²³¹°µ©®§")
"""What every TeX since 2018 reads as UTF-8 and prints."""
_NOT_IN_T1 = frozenset("ĦħĸĿŀŉŦŧſ")
_MATH = {
    "→": "rightarrow", "←": "leftarrow", "↔": "leftrightarrow", "⇒": "Rightarrow",
    "⇔": "Leftrightarrow", "↑": "uparrow", "↓": "downarrow", "≥": "geq", "≤": "leq", "≠": "neq",
    "≈": "approx", "∞": "infty", "∈": "in", "∪": "cup", "∩": "cap", "∑": "sum", "∏": "prod",
    "√": "surd", "⊕": "oplus", "⊖": "ominus", "⊗": "otimes", "⊙": "odot", "−": "-", "⋅": "cdot",
    "∘": "circ", "⋯": "cdots", "∂": "partial", "∇": "nabla", "′": "prime", "□": "Box",
    "⌈": "lceil", "⌉": "rceil", "⌊": "lfloor", "⌋": "rfloor",
}  # fmt: skip


def tex_words(text: str, *, sign: str = "${}$", letters: Callable[[str, bool], str]) -> str:
    r"""Return TeX that prints one line of text.

    ``sign`` holds what only mathematics has, such as ``\rightarrow``; ``letters`` returns what
    stands for a run of letters that pdfTeX has no font for, and is told whether they are eastern,
    which are as wide as high.
    """
    parts = []
    for kind, run in groupby(text, key=_kind):
        chars = "".join(run)
        if kind == "plain":
            parts.append("".join(_command(char) for char in chars))
        elif kind == "sign":
            parts += [sign.format(_sign(char)) for char in chars]
        else:
            parts.append(letters(chars, kind == "eastern"))
    return _TWICE.sub(r"\g<0>{}", "".join(parts)).replace("  ", r" \ ")


@lru_cache(maxsize=4096)
def _kind(char: str) -> str:
    """Return how a character is printed."""
    if _command(char):
        return "plain"
    if _sign(char):
        return "sign"
    return "eastern" if unicodedata.east_asian_width(char) in "WF" else "foreign"


def _command(char: str) -> str:
    """Return the TeX for a character of text; nothing for others."""
    if char in _SPECIAL:
        return _SPECIAL[char]
    if " " <= char <= "~" or char in _AS_THEY_ARE:
        return char
    if "À" <= char <= "ž" and char.isalpha() and char not in _NOT_IN_T1:
        return char
    if char == "\N{REPLACEMENT CHARACTER}":
        return "?"
    letter = _greek(char)
    if letter == "omicron":
        return "o" if char.islower() else "O"
    return "" if char.islower() else _LATIN_CAPITALS.get(letter, "")


def _sign(char: str) -> str:
    """Return the command of a character that mathematics has; nothing for others."""
    if char in _MATH:
        name = _MATH[char]
        return name if name == "-" else rf"\{name}"
    if char == "ς":
        return r"\varsigma"
    letter = _greek(char)
    if letter in _LETTERS:
        return rf"\{letter if char.islower() else letter.capitalize()}"
    return _raised(char)


def _greek(char: str) -> str:
    """Return the name of a letter of modern Greek without marks."""
    name = unicodedata.name(char, "")
    start = "GREEK SMALL LETTER " if char.islower() else "GREEK CAPITAL LETTER "
    return name.removeprefix(start).lower().replace("lamda", "lambda") if start in name else ""


_OWN_CAPITALS = frozenset(
    ("gamma", "delta", "theta", "lambda", "xi", "pi", "sigma", "upsilon", "phi", "psi", "omega")
)
_LATIN_CAPITALS = {
    "alpha": "A", "beta": "B", "epsilon": "E", "zeta": "Z", "eta": "H", "iota": "I", "kappa": "K",
    "mu": "M", "nu": "N", "rho": "P", "tau": "T", "chi": "X",
}  # fmt: skip
_LETTERS = _OWN_CAPITALS | _LATIN_CAPITALS.keys()


def _raised(char: str) -> str:
    """Return super- and subscript digits and letters as such."""
    kind, *letters = unicodedata.decomposition(char).split() or [""]
    sign = {"<super>": "^", "<sub>": "_"}.get(kind)
    if not sign or len(letters) != 1:
        return ""
    base = chr(int(letters[0], 16))
    return rf"{sign}{{\mathrm{{{base}}}}}" if base.isascii() and base.isalnum() else ""
