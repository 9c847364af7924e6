r"""Text of pictures for TeX: signs in a size that there is, other scripts set apart."""

from __future__ import annotations

from archgraph.tables.tex_words import tex_words

from ...text.widths import plain

__all__ = ["comment", "escaped"]


def escaped(text: str) -> str:
    r"""Return TeX that prints the text; letters that pdfTeX lacks are set apart."""
    words = tex_words(plain(text), sign=r"\archgraphsign{{{}}}", letters=_set_apart)
    return words.replace(r"\char34{}", r"\textquotedbl{}")  # their fonts are in T1 or TU


def comment(text: str) -> str:
    """Return text for one comment line."""
    return plain(text)


def _set_apart(letters: str, eastern: bool) -> str:
    return rf"\archgraph{'eastern' if eastern else 'foreign'}{{{len(letters)}}}{{{letters}}}"
