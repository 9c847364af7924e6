"""What people take away, in order: a table of formats and looks per picture, then the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from archgraph.units import bytes_text

from .figure_files import LOOKS
from .page_contents import Download

__all__ = ["downloads_html", "lacking_html"]


def downloads_html(downloads: Sequence[Download], note: str = "") -> str:
    """Return all files with their sizes; those of a picture stand in a table of their own.

    ``note`` is HTML, below them. On paper there is nothing of it.
    """
    figures = dict.fromkeys(each.figure for each in downloads if each.figure)
    parts = [_table(name, [each for each in downloads if each.figure == name]) for name in figures]
    rest = [each for each in downloads if not each.figure]
    if rest:
        items = "".join(
            f'<li><a href="{escape(each.file)}"{_kept(each.file)}>{escape(each.label)} '
            f'<span class="soft">{escape(bytes_text(each.size))}</span></a></li>'
            for each in rest
        )
        parts.append(f'<ul class="downloads">{items}</ul>')
    inside = "\n".join(["<h2>Downloads</h2>", *parts, *([note] if note else [])])
    return f'<section class="taken">{inside}</section>'


def lacking_html(lacking: Mapping[str, str]) -> list[str]:
    """Return in words what could not be made, and why."""
    return [f"<p>{escape(what)} is not here: {escape(why)}</p>" for what, why in lacking.items()]


def _table(figure: str, files: Sequence[Download]) -> str:
    looks = [look.words for look in LOOKS if any(each.look == look.words for each in files)]
    found = {(each.label, each.look): each for each in files}
    heads = "".join(f'<th scope="col">{escape(look)}</th>' for look in looks)
    rows = []
    for label in dict.fromkeys(each.label for each in files):
        cells = "".join(f"<td>{_link(found.get((label, look)), figure)}</td>" for look in looks)
        rows.append(f'<tr><th scope="row">{escape(label)}</th>{cells}</tr>')
    caption = escape(f"{figure[:1].upper()}{figure[1:]}")
    return (
        f'<div class="scroll downloads" tabindex="0"><table><caption>{caption}</caption>'
        f'<thead><tr><th scope="col">Format</th>{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _link(each: Download | None, figure: str) -> str:
    if each is None:
        return ""
    said = escape(f"{each.label}, {each.look}, {figure}: {bytes_text(each.size)}")
    return (
        f'<a href="{escape(each.file)}"{_kept(each.file)} aria-label="{said}">'
        f"{escape(bytes_text(each.size))}</a>"
    )


def _kept(file: str) -> str:
    """Return the mark of a file to keep; a page is to be opened."""
    return "" if file.endswith(".html") else " download"
