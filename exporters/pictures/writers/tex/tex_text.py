r"""Text for TeX: specials escaped, symbols as commands, other scripts set apart."""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby

from ...text.widths import plain

__all__ = ["comment", "escaped"]

_TEXT = {
    "\\": "backslash", "^": "asciicircum", "~": "asciitilde", '"': "quotedbl", "'":
    "quotesingle", "`": "asciigrave", "•": "bullet", "™": "trademark", "€": "euro",
}  # fmt: skip
_SPECIAL = {
    **{char: rf"\{char}" for char in "{}$&#%_"},
    **{char: rf"\text{name}{{}}" for char, name in _TEXT.items()},
    "\N{NO-BREAK SPACE}": "~",
    "\N{NON-BREAKING HYPHEN}": "-{}",
    "…": r"\dots{}",
}
_TWICE = re.compile(r"([-<>,])(?=\1)")
"""What makes a dash, a quotation mark or a comma-like quote twice in a row."""
_AS_THEY_ARE = frozenset("¡£«»¿–—‘’‚“”„×÷±·²³¹°µ©®§")
"""What every TeX since 2018 reads as UTF-8 and prints."""
_NOT_IN_T1 = frozenset("ĦħĸĿŀŉŦŧſ")
_MATH = {
    "→": "rightarrow", "←": "leftarrow", "↔": "leftrightarrow", "⇒": "Rightarrow",
    "⇔": "Leftrightarrow", "↑": "uparrow", "↓": "downarrow", "≥": "geq", "≤": "leq", "≠": "neq",
    "≈": "approx", "∞": "infty", "∈": "in", "∪": "cup", "∩": "cap", "∑": "sum", "∏": "prod",
    "√": "surd", "⊕": "oplus", "⊖": "ominus", "⊗": "otimes", "⊙": "odot", "−": "-", "⋅": "cdot",
    "∘": "circ", "⋯": "cdots", "∂": "partial", "∇": "nabla", "′": "prime", "□": "Box",
}  # fmt: skip
_FINAL_SIGMA = {"GREEK SMALL LETTER FINAL SIGMA": "varsigma"}


def escaped(text: str) -> str:
    r"""Return TeX that prints the text; letters that pdfTeX lacks are set apart."""
    words = plain(text)
    parts = []
    for wrapper, run in groupby(words, key=_wrapper):
        chars = "".join(run)
        if wrapper:
            parts.append(rf"\archgraph{wrapper}{{{len(chars)}}}{{{chars}}}")
        else:
            parts.append("".join(_command(char) for char in chars))
    return _TWICE.sub(r"\g<0>{}", "".join(parts)).replace("  ", r" \ ")


def comment(text: str) -> str:
    """Return text for one comment line."""
    return plain(text)


def _wrapper(char: str) -> str:
    """Return the command for a letter that pdfTeX has no font for; nothing for others."""
    if _command(char):
        return ""
    return "eastern" if unicodedata.east_asian_width(char) in "WF" else "foreign"


def _command(char: str) -> str:
    """Return the TeX for one character; nothing where pdfTeX can't print it."""
    if char in _SPECIAL:
        return _SPECIAL[char]
    if " " <= char <= "~" or char in _AS_THEY_ARE:
        return char
    if "À" <= char <= "ž" and char.isalpha() and char not in _NOT_IN_T1:
        return char
    if char in _MATH:
        name = _MATH[char]
        return r"\archgraphsign{-}" if name == "-" else rf"\archgraphsign{{\{name}}}"
    if char == "\N{REPLACEMENT CHARACTER}":
        return "?"
    return _greek(char) or _raised(char)


def _greek(char: str) -> str:
    name = unicodedata.name(char, "")
    if not name.startswith(("GREEK SMALL LETTER ", "GREEK CAPITAL LETTER ")):
        return ""
    letter = name.rsplit(" ", 1)[-1].lower().replace("lamda", "lambda")
    if letter == "omicron":
        return "o" if char.islower() else "O"
    if name in _FINAL_SIGMA:
        return rf"\archgraphsign{{\{_FINAL_SIGMA[name]}}}"
    if letter not in _LETTERS or name.count(" ") > 3:
        return ""
    if char.islower():
        return rf"\archgraphsign{{\{letter}}}"
    if letter in _OWN_CAPITALS:
        return rf"\archgraphsign{{\{letter.capitalize()}}}"
    return _LATIN_CAPITALS[letter]


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
    return (
        rf"\archgraphsign{{{sign}{{\mathrm{{{base}}}}}}}"
        if base.isascii() and base.isalnum()
        else ""
    )
