"""Pages that compare: one for each group of networks, one where any networks are picked."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

from archgraph.difference import diff
from archgraph.difference.in_words import in_words
from archgraph.errors import DrawError
from archgraph.exporting import chart, draw
from archgraph.graph import ArchGraph
from archgraph.tables.comparison import comparison
from archgraph.tables.html_table import html_table
from archgraph.tables.table import AtLeast, Cell, Column, Table, cell_text

from .downloads import downloads_html, lacking_html
from .figure_files import picture_and_files
from .page import anchor, data_element, figure, whole_page
from .page_contents import Contents
from .traits import title_of

__all__ = ["Group", "group_contents", "group_page", "picking_page"]

COLUMNS = (
    "input", "params", "macs", "flops", "activation_bytes", "peak_memory", "depth", "top1_error",
    "top5_error", "setting",
)  # fmt: skip
"""The metrics that comparisons show, as ``archgraph compare --columns`` takes them."""


@dataclass(frozen=True, slots=True)
class Group:
    """Networks to compare: what the page is called and says, and ``file``, its name alone."""

    title: str
    words: str
    nets: tuple[ArchGraph, ...]
    folders: tuple[str, ...]
    file: str


def group_contents(group: Group, home: Path) -> Contents:
    """Draw a group's pictures into ``home``: side by side, the difference of two, bars."""
    page = Contents()
    nets, name = list(group.nets), group.file
    make: Any = partial(draw, nets)
    picture_and_files(page, "side by side", "side by side, at the same scale", home, name, make)
    if len(nets) == 2:
        first, second = map(title_of, nets)
        caption = f"what {second} has more than {first}, lacks, or has changed"
        make, file = partial(_difference, nets), f"{name}-difference"
        picture_and_files(page, "the difference", caption, home, file, make, quiet=True)
    caption = "memory, parameters and MACs, layer by layer"
    make = partial(chart, nets, chart="layers")
    picture_and_files(page, "the chart", caption, home, f"{name}-chart", make)
    return page


def _difference(nets: Sequence[ArchGraph], path: Path, **options: Any) -> Path:
    """Draw the difference of two networks; DrawError where they have too little in common."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        made: Path = draw(nets, path, difference=True, **options)
    if said:
        path.unlink()
        raise DrawError(str(said[0].message))
    return made


def group_page(group: Group, page: Contents, menu: str) -> str:
    """Return the page of one group."""
    table = _turned(comparison(group.nets, columns=COLUMNS), group.nets)
    links = ", ".join(
        anchor(f"../{folder}/index.html", title_of(net))
        for net, folder in zip(group.nets, group.folders, strict=True)
    )
    body = [
        *(figure(picture, group.title) for picture in page.pictures),
        "<h2>In figures</h2>",
        html_table(table),
        f"<p>The networks: {links}</p>",
        *_in_words(group, page),
        downloads_html(page.downloads),
        *lacking_html(page.lacking),
    ]
    header = f'<h1>{escape(group.title)}</h1>\n<p class="soft">{escape(group.words)}</p>'
    title = f"{group.title} · compared"
    return whole_page(title, group.words or group.title, header, "\n".join(body), menu=menu)


def _in_words(group: Group, page: Contents) -> list[str]:
    """Return what differs, as ``archgraph diff`` says it, where there is a picture of it."""
    if not any(each.figure == "the difference" for each in page.downloads):
        return []
    text = in_words(diff(*group.nets))
    names = " ".join(net.name for net in group.nets)
    return [
        "<h2>What differs</h2>",
        f'<pre class="scroll" tabindex="0">{escape(text)}</pre>',
        f'<p class="soft note"><code>archgraph diff {escape(names)}</code></p>',
    ]


def _turned(table: Table, nets: Sequence[ArchGraph]) -> Table:
    """Return a table of networks with a column for each, which reads better for a few."""
    columns = (Column("metric", "One image"), *(
        Column(f"net{place}", title_of(net)) for place, net in enumerate(nets)
    ))  # fmt: skip
    rows = []
    for place, column in enumerate(table.columns):
        cells = [cell_text(row[place], column) for row in table.rows]
        if place and any(cells):
            rows.append((column.head, *cells))
    return Table("", columns, tuple(rows), notes=table.notes)


def picking_page(
    nets: Sequence[ArchGraph],
    folders: Sequence[str],
    groups: Sequence[tuple[Group, Contents]],
    menu: str,
) -> str:
    """Return the page where any networks are picked, with the groups that have pages."""
    about = "Networks side by side: what they have in common and what they cost."
    body = []
    if groups:
        cards = "".join(_card(group, page) for group, page in groups)
        body.append(f'<ul class="cards">{cards}</ul>')
    body += [
        '<h2 id="pick">Any networks</h2>',
        '<p id="unscripted">Networks are picked here by a script. Without it, the '
        f"{anchor('../index.html', 'list of networks')} has a table of them all, and "
        "<code>archgraph compare NAME NAME</code> prints one of a few.</p>",
        '<form id="picking" class="scripted" aria-label="Networks to compare" hidden>'
        "<fieldset><legend>Networks to compare</legend>"
        '<label>Find <input type="search" id="find" placeholder="name"></label>'
        '<ul id="choices"></ul></fieldset>'
        '<button type="reset">Clear</button><p role="status" id="picked"></p></form>',
        '<div id="shown"></div>',
        data_element("networks", _data(nets, folders)),
    ]
    header = f'<h1>Compare networks</h1>\n<p class="soft">{escape(about)}</p>'
    return whole_page(
        "Compare networks", about, header, "\n".join(body), menu=menu, script="picking.js"
    )


def _card(group: Group, page: Contents) -> str:
    shown = ""
    if page.pictures:
        light, dark = escape(page.pictures[0].file), escape(page.pictures[0].dark)
        shown = (
            '<picture><source media="screen and (prefers-color-scheme: dark)" '
            f'srcset="{dark}"><img src="{light}" alt="" loading="lazy"></picture>'
        )
    return (
        f'<li><a href="{escape(group.file)}.html">{shown}<strong>{escape(group.title)}</strong>'
        f"<br>{escape(group.words)}</a></li>"
    )


def _data(nets: Sequence[ArchGraph], folders: Sequence[str]) -> dict[str, object]:
    """Return what the page's script shows: of each figure its number and how people read it."""
    table, exact = (comparison(nets, columns=COLUMNS, exact=each) for each in (False, True))
    columns = [
        {"title": column.title, "unit": column.unit, "bars": column.kind == "number"}
        for column in table.columns[1:]
    ]
    found = []
    for net, folder, row, numbers in zip(nets, folders, table.rows, exact.rows, strict=True):
        texts = [cell_text(*each) for each in zip(row, table.columns, strict=True)]
        found.append(
            {
                "folder": folder,
                "name": net.name,
                "title": title_of(net),
                "texts": texts[1:],
                "numbers": [_number(cell) for cell in numbers[1:]],
            }
        )
    return {"columns": columns, "networks": found, "notes": list(table.notes)}


def _number(cell: Cell) -> int | float | None:
    """Return the number that a bar shows, of a lower bound that; None where there is none."""
    if isinstance(cell, AtLeast):
        cell = cell.value
    return cell if isinstance(cell, (int, float)) else None
