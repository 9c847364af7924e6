"""What can be chosen about a picture, declared once for Python, command line and documentation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Self

from archgraph.answers.footprint.autocast import PRECISIONS
from archgraph.answers.footprint.checkpoints import CHECKPOINTS
from archgraph.answers.footprint.training import OPTIMIZERS
from archgraph.errors import DrawError
from archgraph.graph import ArchGraph
from archgraph.options import LARGEST, Declared, option, refuse_unknown

from .canvas import CANVASES, SIZES, SMALLEST, Canvas, canvas_for, stretch_for
from .dress.fonts_named import SANS, Font
from .dress.own_words import LANGUAGES, language
from .dress.worn import SECOND, Worn, wearing, worn
from .look.own_colours import refuse_color
from .look.own_look import NONE, Look, read_look
from .look.palettes import PALETTES
from .look.theme import THEMES
from .look.themes_worn import theme_of, themed
from .text.own_fonts import FONTS, font_named
from .view import LEVELS, read_setting, setting_texts, usual_level

__all__ = [
    "CANVASES",
    "CHARTS",
    "OF_FILES",
    "SCALES",
    "STEPS",
    "STYLES",
    "ChartChoices",
    "Choices",
    "CurveChoices",
    "Looks",
    "RooflineChoices",
]

SCALES = ("auto", "linear", "log")
STYLES = ("layout", "volumes", "receptive")
STEPS = ("flow", "stage", "zoom")
CHARTS = ("layers", "accuracy", "memory")
FILES = ("lang", "font", "template")
"""Options of a look that may name a file beside it."""

OF_FILES = {"standalone": ("tex", "tikz"), "template": ("pptx",)}
"""What only files of some suffixes have."""


@dataclass(frozen=True, slots=True)
class Looks(Declared):
    """What every picture and every chart lets its user choose."""

    error: ClassVar[type[DrawError]] = DrawError

    fit: str | None = option(
        None,
        "the canvas, in this order: two slides (960 × 540, 720 × 540 pt), a page (595 × 842 pt), "
        "as large as the picture needs, a paper's column (3.3 in) and text (6.5 in) and as high as "
        "needed, beamer's slides; else the first, or a template's slides",
        *CANVASES,
        others=SIZES,
        noun="canvas",
    )
    theme: str = option("light", "the colours; print is grey", *THEMES, noun="theme")
    palette: str = option(
        "okabe-ito",
        "the colours of boxes and of colour bars, told apart by colour-blind readers, too",
        *PALETTES,
        noun="palette",
    )
    font: str = option(
        "sans",
        "the letters, by whose widths all is laid out: as Helvetica, as Times, or your own",
        *FONTS,
        others="an installed family or a .ttf file",
        noun="font",
    )
    lang: str = option(
        "en",
        "the language of legends, captions, boxes and charts; a file has words of your own",
        *LANGUAGES,
        others="a TOML file",
        noun="language",
    )
    look: Look = option(  # noqa: RUF009
        NONE,
        "a look of your own: colours, words, sizes, settings of boxes and other options' values",
        others="a TOML file",
        noun="FILE",
        reader=read_look,
    )
    title: str | bool | None = option(
        None,
        "the title instead of the usual one; on paper there is none unless it is asked for, "
        "because a caption says it",
        others="words",
        flag=True,
    )
    legend: bool = option(
        True,
        "whether a legend says what colours and lines mean",
        flag=True,
        off="leave out the legend, which says what colours and lines mean",
    )
    standalone: bool = option(
        False, "of .tex: a document of its own instead of a picture to put into one", flag=True
    )
    template: str | None = option(
        None,
        "for .pptx: the deck whose master, layouts, colours and fonts the slides take; those in it "
        "go",
        others="a .potx or .pptx file",
    )

    def __post_init__(self) -> None:
        for name in FILES:
            if isinstance(getattr(self, name), Path):
                object.__setattr__(self, name, str(getattr(self, name)))
        Declared.__post_init__(self)
        canvas_for(self.fit, self.template)

    @property
    def canvas(self) -> Canvas:
        """What the picture has to fit on."""
        return canvas_for(self.fit, self.template)

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """Return what a user gave, and of what was not given what the look brings."""
        refuse_unknown(cls.task, given, cls.names())
        look = read_look(given.get("look"))
        if look is NONE:
            return cls(**given)
        named = {name: value for name, value in given.items() if value is not None}
        names = cls.names()
        brought = {name: value for name, value in look.options if name in names}
        for name in FILES:
            if name in brought and (Path(look.folder) / brought[name]).is_file():
                brought[name] = str(Path(look.folder) / brought[name])
        try:
            cls(**brought)
        except DrawError as error:
            raise DrawError(f"{look.told}: {error}") from None
        made = cls(**{**brought, **named, "look": look})
        theme_of(made)  # says which colours cannot go together
        return made._with_settings(look.set)

    @contextmanager
    def worn(self) -> Iterator[None]:
        """Let what is made and written inside have these colours, this language and this font."""
        with themed(self), wearing(_worn(self)):
            yield

    def _with_settings(self, texts: tuple[str, ...]) -> Self:  # noqa: ARG002
        """Return the choices with a look's settings of boxes, where there are boxes."""
        return self


def _worn(chosen: Looks) -> Worn:
    """Return a language with words of one's own and a font, the same object for the same."""
    words, font = {**language(chosen.lang), **dict(chosen.look.words)}, font_named(chosen.font)
    stretch = stretch_for(chosen.template) if font is SANS else 1.0
    second = _second(chosen)
    plain = not words and font is SANS and stretch == 1 and second == SECOND
    return worn() if plain else _kept(tuple(words.items()), font, stretch, second)


@lru_cache(maxsize=16)
def _kept(words: tuple[tuple[str, str], ...], font: Font, stretch: float, second: float) -> Worn:
    return Worn(dict(words), font, stretch, second)


def _second(chosen: Looks) -> float:
    """Return how large facts below labels are against these, as a look wants them."""
    look, wanted = chosen.look, chosen.look.secondary
    if wanted is None:
        return SECOND
    label = look.label or SMALLEST * chosen.canvas.zoom
    if not SECOND - 1e-9 <= wanted / label <= 1:
        raise DrawError(
            f"{look.told} has facts of {wanted:g} pt below labels of {label:g} pt; they take "
            f"{SECOND * label:g} to {label:g} pt."
        )
    return wanted / label


@dataclass(frozen=True, slots=True)
class Choices(Looks):
    """How a network is drawn."""

    task: ClassVar[str] = "a picture"

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
    set: tuple[str, ...] = option(
        (),
        "how boxes look that a pattern names, such as layer1.*:label=Stem,color=#c0392b or "
        "drop*:hide; a box has a label, sublabel, color, legend and note, and can hide or show",
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
        Looks.__post_init__(self)
        for each in map(read_setting, self.set):
            if each.color is not None:
                refuse_color(each.color)

    @property
    def searches(self) -> bool:
        """Whether the best cut is looked for."""
        return self.level == "auto" and not self.open

    def _with_settings(self, texts: tuple[str, ...]) -> Self:
        """Return the choices with a look's settings before those that were typed."""
        return replace(self, set=(*texts, *self.set))

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
class ChartChoices(Looks):
    """How a chart of several networks is drawn."""

    task: ClassVar[str] = "a chart"

    chart: str | None = option(
        None,
        "bars of memory, parameters and MACs, published accuracy against MACs, or live memory over "
        "a run; else by accuracy where there are three or more networks, all with published errors",
        *CHARTS,
        noun="chart",
    )
    batch: int = option(
        1, "how many images, in a chart of memory", numbers=range(1, LARGEST + 1), others=""
    )
    optimizer: str | None = option(
        None,
        "a training step with it instead of inference, in a chart of memory",
        *OPTIMIZERS,
        noun="optimizer",
    )
    precision: str | None = option(
        None,
        "in a training step what multiplies and adds runs in a half type, in a chart of memory",
        *PRECISIONS,
        noun="precision",
    )
    checkpoint: str | None = option(
        None,
        "what a training step computes again instead of keeping it, in a chart of memory",
        *CHECKPOINTS,
        noun="level",
    )
    fits: str | None = option(
        None,
        "a line at what a device holds, in a chart of memory",
        others="a device or a memory such as 3GB",
        noun="device",
    )


@dataclass(frozen=True, slots=True)
class RooflineChoices(Looks):
    """How the roofline of a network is drawn."""

    task: ClassVar[str] = "a roofline chart"

    measured: bool = option(
        False, "dots at the times that 'archgraph measure' put into the network", flag=True
    )


@dataclass(frozen=True, slots=True)
class CurveChoices(Looks):
    """How a chart of growth is drawn."""

    task: ClassVar[str] = "a chart of growth"
