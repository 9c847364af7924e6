"""What is wrong with a first picture: each rule that it breaks, with the worst offender."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from bench import readable
from bench.readable import Offence
from bench.reading_svg import Node, Picture, read

__all__ = ["DRAWN", "RULES", "Verdict", "judged", "names_of_rules"]

SLIDE = (960.0, 540.0)
FEWEST = 8
"""Boxes that a picture has at least, or as many as there are at level ``layer``."""

LARGEST = 0.2
"""The share of the arithmetic that a box of several layers may hide."""

LONGEST = 5.0
"""Seconds of the processor that drawing may take."""

DRAWN = "drawn"
"""The rule that a picture comes at all."""


@dataclass(slots=True)
class Verdict:
    """What came of one network; ``said`` holds the worst offender of each rule that is broken.

    ``at_layer`` is how many boxes the network has at level ``layer``, ``seconds`` are those of
    the processor for drawing.
    """

    name: str
    source: str
    slug: str
    boxes: int = 0
    at_layer: int = 0
    seconds: float = 0.0
    said: dict[str, str] = field(default_factory=dict)
    skipped: str = ""
    """Why there is no network to draw."""

    @property
    def passes(self) -> bool:
        """Whether no rule is broken."""
        return not self.said and not self.skipped


def _one_slide(picture: Picture) -> Iterator[Offence]:
    size = (picture.width, picture.height)
    if size != SLIDE:
        yield picture.width + picture.height, "it is {:g} × {:g} pt".format(*size)
    yield from readable.off_the_page(picture)


def _words(picture: Picture) -> Iterator[Offence]:
    yield from readable.words_outside(picture)
    yield from readable.covered_words(picture)
    yield from readable.lines_through_words(picture)


def _hidden(picture: Picture) -> Iterator[Offence]:
    """Yield boxes of several layers that are no repeat and hide more than a fifth.

    Of the MACs; where those of a box are unknown, or there are none, of the parameters, else of
    the operators. A layer with its norm and activation is a box of its own kind and hides nothing.
    """
    # What the network returns holds no operators.
    nodes = [node for node in picture.nodes.values() if "operators" in node.data]
    for metric in ("macs", "params", "operators"):
        counts = [node.data.get(metric) for node in nodes]
        known = [int(count) for count in counts if count is not None]
        if len(known) == len(nodes) and sum(known):
            break
    else:
        return
    for node, count in zip(nodes, known, strict=True):
        share = count / sum(known)
        if share > LARGEST and _is_closed(node):
            what = {"macs": "MACs"}.get(metric, metric)
            inside = int(node.data["operators"])
            yield share, f"{node.id} hides {inside} operators, {share:.0%} of the {what}"


def _is_closed(node: Node) -> bool:
    several = int(node.data.get("operators", "1")) > 1
    return several and node.data.get("repeat", "1") == "1" and "module" in node.classes


RULES: dict[str, Callable[[Picture], Iterable[Offence]]] = {
    "one slide": _one_slide,
    "sizes": readable.small_words,
    "boxes apart": readable.overlapping_boxes,
    "words": _words,
    "lines": readable.lines_through_boxes,
    "arrowheads": readable.lost_heads,
    "nothing hidden": _hidden,
}
"""What is asked of the SVG alone, by name."""


def judged(verdict: Verdict, svg: str) -> Verdict:
    """Say in a verdict, which has the time and the boxes at level layer, what an SVG breaks."""
    picture = read(svg)
    verdict.boxes = len(picture.nodes)
    for name, rule in RULES.items():
        worst = max(rule(picture), default=None)
        if worst is not None:
            verdict.said[name] = worst[1]
    fewest = min(FEWEST, verdict.at_layer)
    if verdict.boxes < fewest:
        verdict.said["enough boxes"] = f"{verdict.boxes} of {verdict.at_layer} boxes"
    if verdict.seconds > LONGEST:
        verdict.said["in time"] = f"{verdict.seconds:.1f} s"
    return verdict


def names_of_rules() -> list[str]:
    """Return the names of all rules, in the order of the tables."""
    return list(itertools.chain([DRAWN], RULES, ["enough boxes", "in time"]))
