"""The page of one network: its pictures, what it costs, what its paper says, its files."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from archgraph.analysis import depth
from archgraph.answers.footprint.report import peak_at_inference
from archgraph.graph import ArchGraph
from archgraph.metrics import Number
from archgraph.tables import cost_report, cost_table
from archgraph.tables.html_table import html_table
from archgraph.units import UNKNOWN, bytes_text, count_text, exact_text, spaced_shape

from .downloads import downloads_html, lacking_html
from .page import anchor, figure, whole_page
from .page_contents import Contents
from .page_files import EXPLORE
from .traits import title_of

__all__ = ["network_page"]

_LINKS = {"doi": "https://doi.org/", "arxiv": "https://arxiv.org/abs/"}


def network_page(
    net: ArchGraph, page: Contents, menu: str = "", beside: Sequence[tuple[str, str]] = ()
) -> str:
    """Return the whole page; ``beside`` are the pages that compare it, as (where, title)."""
    title, summary = title_of(net), str(net.graph.get("summary", ""))
    header = (
        f'<h1>{escape(title)}</h1>\n<p class="soft"><code>{escape(net.name)}</code>'
        f"{escape(f' · {summary}' if summary else '')}</p>"
    )
    blocks, layers = (cost_table(cost_report(net, by=by)) for by in ("block", "layer"))
    body = [
        *_ways(page, beside),
        *(figure(picture, title) for picture in page.pictures),
        "<h2>In figures</h2>",
        _list(_figures(net)),
        downloads_html(
            page.downloads,
            '<p class="soft note">In other colours, at another level or size: <code>archgraph draw '
            f"{escape(net.name)} -o FILE.pptx --color macs --fit 8.9cm</code></p>",
        ),
        *lacking_html(page.lacking),
        "<h2>What it costs, block by block</h2>",
        html_table(blocks),
        f"<details><summary>Every layer ({len(layers.rows)})</summary>",
        html_table(layers),
        "</details>",
        *_paper(net),
    ]
    about = f"{title}: {summary}"
    return whole_page(f"{title} · archgraph", about, header, "\n".join(body), menu=menu)


def _ways(page: Contents, beside: Sequence[tuple[str, str]]) -> list[str]:
    """Return where one goes on: into the network, and to where it stands beside others."""
    explored = [each.file for each in page.downloads if each.label == EXPLORE]
    links = [anchor(file, "Explore it layer by layer") for file in explored]
    if beside:
        links.append("compare it: " + ", ".join(anchor(*each) for each in beside))
    return [f"<p>{'; '.join(links)}</p>"] if links else []


def _figures(net: ArchGraph) -> list[tuple[str, str]]:
    params, macs, flops = (net.total(metric) for metric in ("params", "macs", "flops"))
    found = [
        ("Input", spaced_shape(net.input_shape) if net.sources else "none"),
        ("Parameters", _exact_and_short(params)),
        ("MACs", _exact_and_short(macs)),
        ("FLOPs", _exact_and_short(flops)),
        ("Depth", f"{depth(net)} layers with weights on the longest path"),
        ("Activations at once", f"{bytes_text(peak_at_inference(net))} at inference"),
    ]
    with_heads = net.total("params", training=True)
    if with_heads != params:
        found.insert(2, ("… in training", f"{exact_text(with_heads)} with its auxiliary heads"))
    crossings = net.crossings()
    if crossings:
        sizes = [size for _, _, size in crossings if size is not None]
        size = sum(sizes) if len(sizes) == len(crossings) else None
        found.append(("Between devices", f"{bytes_text(size)} on {len(crossings)} edges"))
    return found


def _exact_and_short(value: Number | None) -> str:
    return UNKNOWN if value is None else f"{exact_text(value)} ({count_text(value)})"


def _paper(net: ArchGraph) -> list[str]:
    paper: dict[str, Any] = net.graph.get("paper", {})
    if not paper:
        return []
    text = f"{paper['authors']} ({paper['year']}). {paper['title']}. {paper['venue']}."
    found = ["<h2>The paper</h2>", f"<p>{escape(text)}"]
    found += [
        f" {anchor(prefix + str(paper[key]), f'{key}:{paper[key]}')}"
        for key, prefix in _LINKS.items()
        if key in paper
    ]
    found.append("</p>")
    facts: list[tuple[str, str]] = []
    for result in net.graph.get("published", ()):
        errors = ", ".join(
            f"{result[key]} % {name}"
            for key, name in (("top1_error", "top-1"), ("top5_error", "top-5"))
            if key in result
        )
        kind = "Error, ensemble" if result.get("ensemble") else "Error, one network"
        facts.append((kind, f"{errors}: {result['data']}, {result['setting']}"))
    for key, value in net.graph.get("training", {}).items():
        words = (
            ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
        )
        facts.append((key.replace("_", " ").capitalize(), str(words)))
    found.append(_list(facts))
    found += [f"<p>{escape(str(note))}</p>" for note in net.graph.get("notes", ())]
    return found


def _list(facts: Sequence[tuple[str, str]]) -> str:
    rows = "".join(f"<dt>{escape(word)}</dt><dd>{escape(text)}</dd>" for word, text in facts)
    return f"<dl>{rows}</dl>"
