"""The index: a card per network and a table that compares them, searched, filtered and sorted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from html import escape

from archgraph.graph import ArchGraph
from archgraph.tables.comparison import USUAL, comparison
from archgraph.tables.html_table import html_table
from archgraph.units import count_text

from .page import figure, whole_page
from .page_contents import Contents, Picture
from .traits import Traits, decades, traits_of

__all__ = ["index_page"]

ABOUT = "Networks as graphs: their pictures, what they cost, what their papers say."

ORDERS = (
    ("", "as listed"),
    ("title", "name"),
    ("year", "year"),
    ("params", "parameters, fewest first"),
    ("macs", "MACs, fewest first"),
)
"""What networks can stand by, as a script reads it and in words."""


def index_page(
    nets: Sequence[ArchGraph],
    folders: Sequence[str],
    covers: Sequence[Picture | None],
    front: Contents,
    menu: str,
) -> str:
    """Return the index; ``folders`` and ``covers`` belong to ``nets``, in the same order.

    ``front`` has a chart of them all. Without its script the page is all networks as they are.
    """
    traits = [traits_of(net) for net in nets]
    cards = [_card(*each) for each in zip(nets, traits, folders, covers, strict=True)]
    links = [f"{folder}/index.html" for folder in folders]
    table = comparison(nets, columns=(*USUAL, "setting"))
    body = [
        _form(traits),
        f'<ul class="cards" id="networks">{"".join(cards)}</ul>',
        "<h2>Side by side</h2>",
        *(figure(picture, "The networks") for picture in front.pictures),
        f'<div id="compared">{html_table(replace(table, title="One image, inference"), links)}'
        "</div>",
    ]
    header = f'<h1>Network gallery</h1>\n<p class="soft">{escape(ABOUT)}</p>'
    return whole_page(
        "Network gallery · archgraph",
        ABOUT,
        header,
        "\n".join(body),
        menu=menu,
        script="filtering.js",
    )


def _form(traits: Sequence[Traits]) -> str:
    """Return what can be asked for; only a script shows it. What all share is not asked."""
    years = sorted({each.year for each in traits if each.year is not None})
    built = dict.fromkeys(words for each in traits for words in each.built)
    asked = (
        ("year", "Year", [(str(year), str(year)) for year in years]),
        ("built", "Built with", [(words, words) for words in built]),
        ("params", "Parameters", decades(each.params for each in traits)),
        ("macs", "MACs", decades(each.macs for each in traits)),
    )
    fields = [
        '<label>Search <input type="search" id="search" '
        'placeholder="name, author, year, word"></label>'
    ]
    for key, words, options in asked:
        if len(options) > 1:
            fields.append(_select(key, words, [("any", "any"), *options]))
    fields.append(_select("order", "Order", ORDERS))
    return (
        f'<form id="filters" role="search" aria-label="Networks" hidden>{"".join(fields)}'
        '<button type="reset">Show all</button><p role="status" id="found"></p></form>'
    )


def _select(key: str, words: str, options: Iterable[tuple[str, str]]) -> str:
    inside = "".join(
        f'<option value="{escape(value)}">{escape(text)}</option>' for value, text in options
    )
    return f'<label>{escape(words)} <select id="{key}">{inside}</select></label>'


def _card(net: ArchGraph, traits: Traits, folder: str, cover: Picture | None) -> str:
    shown = ""
    if cover is not None:
        dark, light = escape(f"{folder}/{cover.dark}"), escape(f"{folder}/{cover.file}")
        shown = (
            '<picture><source media="screen and (prefers-color-scheme: dark)" '
            f'srcset="{dark}"><img src="{light}" alt="" loading="lazy"></picture>'
        )
    data = {
        "title": traits.title,
        "words": traits.words,
        "year": traits.year,
        "built": "|".join(traits.built),
        "params": traits.params,
        "macs": traits.macs,
    }
    read = "".join(
        f' data-{key}="{escape(str(value))}"' for key, value in data.items() if value is not None
    )
    return (
        f'<li{read}><a href="{escape(folder)}/index.html">{shown}'
        f"<strong>{escape(traits.title)}</strong> {escape(str(traits.year or ''))}<br>"
        f'<span class="soft">{escape(count_text(traits.params))} parameters · '
        f"{escape(count_text(traits.macs))} MACs</span><br>"
        f"{escape(str(net.graph.get('summary', '')))}</a></li>"
    )
