"""Draws every layer of networks on several pages and judges what is in the pages.

``python -m bench.every_layer net.json model.onnx …`` prints a line for each network: how many
pages it has, how long they took, and the worst offender of each rule that they break. On pages
every box that the level shows stands once, and each edge is drawn or has both its marks.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import archgraph as ag
from archgraph.exporters.pictures.draw import drawings
from archgraph.exporters.pictures.view import View, build_view
from archgraph.exporters.pictures.writers.svg import svg_text
from bench import readable
from bench.readable import Offence
from bench.reading_svg import Picture, read

__all__ = ["missing", "offences"]

RULES = {
    "size": readable.small_words,
    "leaves the page": readable.off_the_page,
    "overlap": readable.overlapping_boxes,
    "words leave": readable.words_outside,
    "words cover": readable.covered_words,
    "lines through words": readable.lines_through_words,
    "lines through boxes": readable.lines_through_boxes,
    "arrowheads": readable.lost_heads,
}


def main(paths: Sequence[str]) -> None:
    """Draw and judge each network."""
    warnings.simplefilter("ignore")
    for path in paths:
        net = ag.load(path)
        start = time.process_time()
        found = drawings(net, level="layer")
        seconds = time.process_time() - start
        said = offences(build_view(net, "layer"), [read(svg_text(each)) for each in found])
        print(f"{Path(path).stem}: {len(net)} operators, {len(found)} pages, {seconds:.1f} s")
        for rule, words in said.items():
            print(f"    {rule}: {words}", flush=True)


def offences(view: View, pages: Sequence[Picture]) -> dict[str, str]:
    """Return the worst offence against each rule that pages break, with how many there are."""
    said = {}
    for name, rule in RULES.items():
        found = [(*each, n) for n, page in enumerate(pages, 1) for each in rule(page)]
        if found:
            much, words, page = max(found)
            said[name] = f"{words} ({much:.3g}, page {page}; {len(found)} in all)"
    lost = list(missing(view, pages))
    if lost:
        said["missing"] = f"{lost[0][1]} ({len(lost)} in all)"
    return said


def missing(view: View, pages: Sequence[Picture]) -> Iterator[Offence]:
    """Yield boxes that do not stand on exactly one page, and edges without line or marks.

    A mark is a flag with the number on a page, with a line to its box, and one with the same
    number at the other end, each with the page of the other.
    """
    count = Counter(
        key for page in pages for key, node in page.nodes.items() if "marks" not in node.data
    )
    for key in view.nodes:
        if count[key] != 1:
            yield 1.0, f"{key} stands {count[key]} times"
    for key in count.keys() - view.nodes.keys():
        yield 1.0, f"{key} is not in the view"
    drawn = {(line.source, line.target) for page in pages for line in page.lines}
    leaves: dict[str, set[tuple[int, int, int]]] = {}
    arrives: dict[str, set[tuple[int, int, int]]] = {}
    for here, page in enumerate(pages, 1):
        for line in page.lines:
            for flag, box, known in (
                (line.target, line.source, leaves),
                (line.source, line.target, arrives),
            ):
                for number, there in _marks(page, flag):
                    way = (here, there) if known is leaves else (there, here)
                    known.setdefault(box, set()).add((number, *way))
    for edge in view.edges:
        if (edge.source, edge.target) in drawn or view.nodes[edge.target].attached:
            continue
        if not leaves.get(edge.source, set()) & arrives.get(edge.target, set()):
            yield 1.0, f"{edge.source} -> {edge.target} has neither a line nor its marks"
    numbers = {(number, source) for source, each in leaves.items() for number, *_ in each}
    for number, times in Counter(number for number, _ in numbers).items():
        if times > 1:
            yield 1.0, f"{times} boxes have the number {number}"


def _marks(page: Picture, name: str) -> list[tuple[int, int]]:
    """Return the numbers of a flag, each with its other page; none of a box."""
    node = page.nodes.get(name)
    words = node.data.get("marks", "").split() if node else []
    return [(int(number), int(there)) for number, there in (word.split(":") for word in words)]


if __name__ == "__main__":
    main(sys.argv[1:])
