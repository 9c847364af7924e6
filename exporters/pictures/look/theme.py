"""Colours: light, dark and print (grey); safe for colour-blind readers.

Fills are tints of Okabe and Ito's palette ("Color Universal Design", 2008) of clearly different
lightness, so that they can be told apart in grey as well. The greys of the print theme are steps
of five or more in CIE L*; what hardly ever stands alone (norms, activations) is white.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["FAMILY_WORDS", "THEMES", "Theme", "Tone", "ramp", "theme"]


@dataclass(frozen=True, slots=True)
class Tone:
    """The colours of one kind of box."""

    fill: str
    stroke: str
    text: str


@dataclass(frozen=True, slots=True)
class Theme:
    """All colours of a picture."""

    name: str
    background: str
    ink: str
    soft: str
    line: str
    frame_fill: str
    frame_line: str
    frame_tints: tuple[tuple[str, str], ...]
    shortcut: str
    crossing: str
    auxiliary: str
    tones: Mapping[str, Tone]
    devices: tuple[Tone, ...]
    ramp: tuple[str, ...]
    unknown: str

    def tone(self, kind: str) -> Tone:
        """Return the tone of a kind of box; families of other packages have a neutral one."""
        return self.tones.get(kind, self.tones["other"])


FAMILY_WORDS = {
    "input": "input",
    "conv": "convolution",
    "reduction": "1×1 reduction",
    "linear": "fully connected",
    "pool": "pooling",
    "norm": "normalisation",
    "activation": "activation",
    "attention": "attention",
    "embedding": "embedding",
    "recurrent": "recurrent",
    "resampling": "resampling",
    "elementwise": "arithmetic",
    "reduce": "reduction",
    "merge": "join",
    "reshape": "reshape",
    "regularisation": "dropout",
    "module": "block",
    "other": "other",
}
"""What a legend calls each kind of box, in the order in which it lists them."""


def _tones(text: str, **colours: tuple[str, ...]) -> dict[str, Tone]:
    """Return a tone for each fill and stroke; a third colour is that of the text in it."""
    return {name: Tone(*(*given, text)[:3]) for name, given in colours.items()}


LIGHT = Theme(
    name="light",
    background="#ffffff",
    ink="#1b1f27",
    soft="#535c69",
    line="#5f6875",
    frame_fill="#f3f5f8",
    frame_line="#c9d0d9",
    frame_tints=(
        ("#f3f5f8", "#c9d0d9"),
        ("#fbf6ea", "#e0d2b2"),
        ("#eef6f0", "#c0d8c8"),
        ("#faf1f5", "#e0c7d3"),
    ),
    shortcut="#b5530a",
    crossing="#b5530a",
    auxiliary="#8a4a86",
    tones=_tones(
        "#1b1f27",
        input=("#ffffff", "#5f6875"),
        conv=("#bcdcf3", "#0072b2"),
        reduction=("#e4f1fa", "#0072b2"),
        linear=("#f9cfae", "#c25a00"),
        pool=("#b9e3d3", "#00805d"),
        norm=("#e3e6ea", "#87909c"),
        activation=("#fbf0b9", "#b39a0c"),
        attention=("#d5ccef", "#6a51a3"),
        embedding=("#d3e8c3", "#4d8b31"),
        recurrent=("#f3c6c0", "#b5382a"),
        resampling=("#c9ecef", "#1c8a99"),
        elementwise=("#f6f0d8", "#9a8746"),
        reduce=("#dfe9df", "#6f8f72"),
        merge=("#edc9dd", "#a8487b"),
        reshape=("#f6f7f9", "#9aa2ad"),
        regularisation=("#f6f7f9", "#9aa2ad"),
        module=("#d9e6f2", "#41719c"),
        other=("#ffffff", "#87909c"),
    ),
    devices=(
        Tone("#bcdcf3", "#0072b2", "#1b1f27"),
        Tone("#f9cfae", "#c25a00", "#1b1f27"),
        Tone("#b9e3d3", "#00805d", "#1b1f27"),
        Tone("#edc9dd", "#a8487b", "#1b1f27"),
    ),
    ramp=("#f4f8fc", "#c6dbef", "#7fb8dc", "#3b86c0", "#08488f"),
    unknown="#cfd4da",
)

DARK = Theme(
    name="dark",
    background="#14171c",
    ink="#eceff4",
    soft="#aab3c0",
    line="#98a2b0",
    frame_fill="#1c2027",
    frame_line="#3a424e",
    frame_tints=(
        ("#1c2027", "#3a424e"),
        ("#242017", "#4f4733"),
        ("#17231d", "#34493e"),
        ("#251b21", "#4e3a46"),
    ),
    shortcut="#ffa45c",
    crossing="#ffa45c",
    auxiliary="#d79bd2",
    tones=_tones(
        "#f3f5f8",
        input=("#14171c", "#98a2b0"),
        conv=("#1a4f76", "#6db8ea"),
        reduction=("#163447", "#6db8ea"),
        linear=("#7a4012", "#f2a35e"),
        pool=("#12574a", "#54c5a4"),
        norm=("#343a44", "#8d97a5"),
        activation=("#5a4e10", "#e3cc4c"),
        attention=("#45366e", "#b3a0e8"),
        embedding=("#2f4f20", "#98cf7a"),
        recurrent=("#6b2a22", "#f0998c"),
        resampling=("#14525c", "#63c7d6"),
        elementwise=("#3f3a26", "#c2b37a"),
        reduce=("#2b3a2e", "#93b597"),
        merge=("#6a2f50", "#e292bb"),
        reshape=("#232830", "#7d8794"),
        regularisation=("#232830", "#7d8794"),
        module=("#273f57", "#86b3dc"),
        other=("#14171c", "#8d97a5"),
    ),
    devices=(
        Tone("#1a4f76", "#6db8ea", "#f3f5f8"),
        Tone("#7a4012", "#f2a35e", "#f3f5f8"),
        Tone("#12574a", "#54c5a4", "#f3f5f8"),
        Tone("#6a2f50", "#e292bb", "#f3f5f8"),
    ),
    ramp=("#1c2530", "#1f4766", "#2c77ab", "#63abdd", "#bfe0f7"),
    unknown="#4a525e",
)

PRINT = Theme(
    name="print",
    background="#ffffff",
    ink="#000000",
    soft="#404040",
    line="#404040",
    frame_fill="#f7f7f7",
    frame_line="#b0b0b0",
    frame_tints=(("#f9f9f9", "#b0b0b0"), ("#efefef", "#a0a0a0")),
    shortcut="#000000",
    crossing="#000000",
    auxiliary="#606060",
    tones=_tones(
        "#000000",
        input=("#ffffff", "#404040"),
        conv=("#cacaca", "#303030"),
        reduction=("#f1f1f1", "#303030"),
        linear=("#686868", "#202020", "#ffffff"),
        pool=("#adadad", "#303030"),
        norm=("#ffffff", "#808080"),
        activation=("#ffffff", "#808080"),
        attention=("#bbbbbb", "#202020"),
        embedding=("#d7d7d7", "#303030"),
        recurrent=("#7a7a7a", "#202020", "#ffffff"),
        resampling=("#ebebeb", "#303030"),
        elementwise=("#ffffff", "#808080"),
        reduce=("#ffffff", "#808080"),
        merge=("#8d8d8d", "#202020"),
        reshape=("#ffffff", "#909090"),
        regularisation=("#ffffff", "#909090"),
        module=("#e1e1e1", "#303030"),
        other=("#ffffff", "#606060"),
    ),
    devices=(
        Tone("#eeeeee", "#303030", "#000000"),
        Tone("#bdbdbd", "#202020", "#000000"),
        Tone("#ffffff", "#505050", "#000000"),
        Tone("#d6d6d6", "#303030", "#000000"),
    ),
    ramp=("#ffffff", "#d9d9d9", "#b0b0b0", "#7d7d7d", "#404040"),
    unknown="#f0f0f0",
)

THEMES = {theme.name: theme for theme in (LIGHT, DARK, PRINT)}


def theme(name: str) -> Theme:
    """Return a theme by name."""
    return THEMES[name]


def ramp(stops: tuple[str, ...], part: float) -> str:
    """Return the colour at ``part`` (0 to 1) of a scale through these stops."""
    part = min(1.0, max(0.0, part)) * (len(stops) - 1)
    index = min(len(stops) - 2, int(part))
    low, high = (bytes.fromhex(stop[1:]) for stop in stops[index : index + 2])
    mixed = bytes(round(a + (b - a) * (part - index)) for a, b in zip(low, high, strict=True))
    return f"#{mixed.hex()}"
