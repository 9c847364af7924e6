"""What can be chosen about a picture, declared once for Python, command line and documentation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any, ClassVar

from archgraph.answers.footprint.autocast import PRECISIONS
from archgraph.answers.footprint.checkpoints import CHECKPOINTS
from archgraph.answers.footprint.training import OPTIMIZERS
from archgraph.errors import DrawError
from archgraph.graph import ArchGraph
from archgraph.options import LARGEST, Declared, option

from .canvas import CANVASES, SIZES, Canvas, canvas_for
from .look.own_colours import refuse_color
from .look.theme import THEMES
from .view import LEVELS, read_setting, setting_texts, usual_level

__all__ = [
    "CANVASES",
    "CHARTS",
    "SCALES",
    "STEPS",
    "STYLES",
    "ChartChoices",
    "Choices",
    "CurveChoices",
    "RooflineChoices",
]

SCALES = ("auto", "linear", "log")
STYLES = ("layout", "volumes", "receptive")
STEPS = ("flow", "stage", "zoom")
CHARTS = ("layers", "accuracy", "memory")


def _fit() -> Any:
    return option(
        None,
        "the canvas, in this order: two slides (960 × 540, 720 × 540 pt), a page (595 × 842 pt), "
        "as large as the picture needs, a paper's column (3.3 in) and text (6.5 in) and as high as "
        "needed, beamer's slides; else the first, or a template's slides",
        *CANVASES,
        others=SIZES,
        noun="canvas",
    )


def _title() -> Any:
    return option(
        None,
        "the title instead of the usual one; on paper there is none unless it is asked for, "
        "because a caption says it",
        others="words",
        flag=True,
    )


def _legend() -> Any:
    return option(True, "whether a legend says what colours and lines mean", flag=True)


def _theme() -> Any:
    return option("light", "the colours; print is grey", *THEMES, noun="theme")


def _template() -> Any:
    return option(
        None,
        "for .pptx: the deck whose master, layouts, colours and fonts the slides take; those in it "
        "go",
        others="a .potx or .pptx file",
    )


class _OnSlides(Declared):
    """What fits a canvas, or the room on the slides of a template."""

    __slots__ = ()
    fit: str | None
    template: str | None

    def __post_init__(self) -> None:
        if isinstance(self.template, PurePath):
            object.__setattr__(self, "template", str(self.template))
        Declared.__post_init__(self)
        canvas_for(self.fit, self.template)

    @property
    def canvas(self) -> Canvas:
        """What the picture has to fit on."""
        return canvas_for(self.fit, self.template)


@dataclass(frozen=True, slots=True)
class Choices(_OnSlides):
    """How a network is drawn."""

    task: ClassVar[str] = "a picture"
    error: ClassVar[type[DrawError]] = DrawError

    level: str = option(
        "auto",
        "how much to show: a handful of boxes, one box per module, or every operator; "
        "auto is blocks, and what is in those that hide much, as far as it fits",
        *LEVELS,
        "auto",
        noun="level",
    )
    open: tuple[str, ...] = option(
        (),
        "what is shown from the inside, in its place, such as inception3a,inception4d",
        others="blocks and stages",
        many=True,
    )
    fit: str | None = _fit()
    color: str = option(
        "op",
        "what colour means: the operator's family, the GPU, or a cost with a colour bar",
        "op",
        "device",
        others="a cost such as macs",
    )
    scale: str = option(
        "auto",
        "how a cost becomes a colour; auto is log where values differ more than tenfold",
        *SCALES,
        noun="scale",
    )
    facts: tuple[str, ...] | None = option(
        None,
        "what labels say below the name, such as shape,params; without it the usual, with the cost "
        "that colour means",
        "op",
        "shape",
        others="costs",
        many=True,
    )
    style: str = option(
        "layout",
        "boxes and arrows, activations as boxes in perspective, or receptive fields on the input",
        *STYLES,
        noun="style",
    )
    theme: str = _theme()
    title: str | bool | None = _title()
    legend: bool = _legend()
    template: str | None = _template()
    set: tuple[str, ...] = option(
        (),
        "how boxes look that a pattern names, such as layer1.*:label=Stem,color=#c0392b or "
        "drop*:hide; a box has a label, sublabel, color and legend, and can hide or show",
        others="a pattern and settings",
        many=True,
        whole=True,
        noun="PATTERN:SETTING,…",
    )
    difference: bool = option(
        False,
        "two networks as one picture: what the second has more, what it lacks, what changed",
        flag=True,
    )
    steps: str | None = option(
        None,
        "for .pptx and .pdf, a slide or page a step: boxes come along the flow, one stage after "
        "the other stands out, or from the whole into a block (what is opened, else the largest)",
        *STEPS,
    )

    def __post_init__(self) -> None:
        if isinstance(self.set, Mapping):
            object.__setattr__(self, "set", setting_texts(self.set))
        _OnSlides.__post_init__(self)
        for each in map(read_setting, self.set):
            if each.color is not None:
                refuse_color(each.color)

    @property
    def searches(self) -> bool:
        """Whether the best cut is looked for."""
        return self.level == "auto" and not self.open

    def settled(self, nets: Sequence[ArchGraph], *, named: bool) -> Choices:
        """Return the choices with what depends on the networks: what labels say, and the level.

        ``named``: the level is one of LEVELS, also where the best cut could be looked for.
        """
        found = self
        if self.level == "auto" and (named or not self.searches):
            # Lone blocks are opened, but only where all of them are.
            lone = {*map(usual_level, nets)} == {"layer"}
            found = replace(found, level="layer" if lone else "block")
        plain = self.color in ("op", "device")
        if self.facts is None and nets and not plain and nets[0].has_metric(self.color):
            found = replace(found, facts=("op", "shape", self.color))
        return found


@dataclass(frozen=True, slots=True)
class ChartChoices(_OnSlides):
    """How a chart of several networks is drawn."""

    task: ClassVar[str] = "a chart"
    error: ClassVar[type[DrawError]] = DrawError

    chart: str | None = option(
        None,
        "bars of memory, parameters and MACs, published accuracy against MACs, or live memory over "
        "a run; else by accuracy where there are three or more networks, all with published errors",
        *CHARTS,
        noun="chart",
    )
    batch: int = option(1, "of memory: how many images", numbers=range(1, LARGEST + 1), others="")
    optimizer: str | None = option(
        None, "of memory: a training step with it; else inference", *OPTIMIZERS, noun="optimizer"
    )
    precision: str | None = option(
        None,
        "of memory in training: what multiplies and adds runs in a half type",
        *PRECISIONS,
        noun="precision",
    )
    checkpoint: str | None = option(
        None,
        "of memory in training: what is computed again for its gradients instead of kept",
        *CHECKPOINTS,
        noun="level",
    )
    fits: str | None = option(
        None, "of memory: a line at what a device holds", others="a device or a memory such as 3GB"
    )
    fit: str | None = _fit()
    theme: str = _theme()
    title: str | bool | None = _title()
    legend: bool = _legend()
    template: str | None = _template()


@dataclass(frozen=True, slots=True)
class RooflineChoices(_OnSlides):
    """How the roofline of a network is drawn."""

    task: ClassVar[str] = "a roofline chart"
    error: ClassVar[type[DrawError]] = DrawError

    measured: bool = option(
        False, "dots at the times that 'archgraph measure' put into the network", flag=True
    )
    fit: str | None = _fit()
    theme: str = _theme()
    title: str | bool | None = _title()
    legend: bool = _legend()
    template: str | None = _template()


@dataclass(frozen=True, slots=True)
class CurveChoices(_OnSlides):
    """How a chart of growth is drawn."""

    task: ClassVar[str] = "a chart of growth"
    error: ClassVar[type[DrawError]] = DrawError

    fit: str | None = _fit()
    theme: str = _theme()
    title: str | bool | None = _title()
    legend: bool = _legend()
    template: str | None = _template()
