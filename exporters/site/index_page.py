"""The index: a card per network in the order of their years, and a table that compares them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape

from archgraph.architecture import architectures
from archgraph.graph import ArchGraph
from archgraph.tables.comparison import comparison
from archgraph.tables.html_table import html_table
from archgraph.units import count_text

from .network_page import title_of
from .page import figure, whole_page
from .page_contents import Contents, Picture

__all__ = ["index_page"]

ABOUT = "Convolutional networks as graphs: their pictures, what they cost, what their papers say."


def index_page(
    nets: Sequence[ArchGraph],
    folders: Sequence[str],
    covers: Sequence[Picture | None],
    front: Contents,
) -> str:
    """Return the index; ``folders`` and ``covers`` belong to ``nets``, in the same order.

    ``front`` has a chart of them all.
    """
    cards = [_card(*each) for each in zip(nets, folders, covers, strict=True)]
    links = [f"{folder}/index.html" for folder in folders]
    table = replace(comparison(nets), title="Compared: one image, inference")
    body = [
        f'<ul class="cards">{"".join(cards)}</ul>',
        "<h2>Side by side</h2>",
        *(figure(picture, "The networks") for picture in front.pictures),
        html_table(table, links),
    ]
    header = f'<h1>Network gallery</h1>\n<p class="soft">{escape(ABOUT)}</p>'
    return whole_page("Network gallery · archgraph", ABOUT, header, "\n".join(body))


def _card(net: ArchGraph, folder: str, cover: Picture | None) -> str:
    known = architectures().get(net.name)
    year = (known and known.year) or net.graph.get("paper", {}).get("year", "")
    params, macs = count_text(net.total("params")), count_text(net.total("macs"))
    shown = ""
    if cover is not None:
        dark, light = escape(f"{folder}/{cover.dark}"), escape(f"{folder}/{cover.file}")
        shown = (
            f'<picture><source media="(prefers-color-scheme: dark)" srcset="{dark}">'
            f'<img src="{light}" alt="" loading="lazy"></picture>'
        )
    return (
        f'<li><a href="{escape(folder)}/index.html">{shown}'
        f"<strong>{escape(title_of(net))}</strong> {escape(str(year))}<br>"
        f'<span class="soft">{escape(params)} parameters · {escape(macs)} MACs</span><br>'
        f"{escape(str(net.graph.get('summary', '')))}</a></li>"
    )
