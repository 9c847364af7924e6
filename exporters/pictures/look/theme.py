"""Colours: light, dark and print (grey); safe for colour-blind readers.

Fills are tints of Okabe and Ito's palette ("Color Universal Design", 2008) of clearly different
lightness, so that they can be told apart in grey as well. The greys of the print theme are steps
of five or more in CIE L*; what hardly ever stands alone (norms, activations) is white.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..drawing import Themed

__all__ = ["FAMILY_WORDS", "PLAIN", "THEMES", "Theme", "Tone", "mixed", "ramp"]


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


_KINDS = {
    "input": ("input", "#ffffff #5f6875", "#14171c #98a2b0", "#ffffff #404040"),
    "output": ("output", "#ffffff #5f6875", "#14171c #98a2b0", "#ffffff #404040"),
    "conv": ("convolution", "#bcdcf3 #0072b2", "#1a4f76 #6db8ea", "#cacaca #303030"),
    "reduction": ("1×1 reduction", "#e4f1fa #0072b2", "#163447 #6db8ea", "#f1f1f1 #303030"),
    "linear": ("fully connected", "#f9cfae #c25a00", "#7a4012 #f2a35e", "#686868 #202020 #ffffff"),
    "pool": ("pooling", "#b9e3d3 #00805d", "#12574a #54c5a4", "#adadad #303030"),
    "norm": ("normalisation", "#e3e6ea #87909c", "#343a44 #8d97a5", "#ffffff #808080"),
    "activation": ("activation", "#fbf0b9 #b39a0c", "#5a4e10 #e3cc4c", "#ffffff #808080"),
    "attention": ("attention", "#d2c1fa #6a51a3", "#41289c #b3a0e8", "#bbbbbb #202020"),
    "embedding": ("embedding", "#c2e895 #4d8b31", "#2f6a34 #98cf7a", "#d7d7d7 #303030"),
    "recurrent": ("recurrent", "#ee9384 #b5382a", "#571d18 #f0998c", "#757575 #202020 #ffffff"),
    "resampling": ("resampling", "#8cc6d1 #1c8a99", "#25707c #63c7d6", "#ebebeb #303030"),
    "elementwise": ("arithmetic", "#f1ead0 #9a8746", "#5d4d22 #c2b37a", "#ffffff #808080"),
    "reduce": ("reduction", "#dfe9df #6f8f72", "#2b3a2e #93b597", "#ffffff #808080"),
    "merge": ("join", "#edc9dd #a8487b", "#6a2f50 #e292bb", "#8d8d8d #202020"),
    "reshape": ("reshape", "#f6f7f9 #9aa2ad", "#232830 #7d8794", "#ffffff #909090"),
    "regularisation": ("dropout", "#f6f7f9 #9aa2ad", "#232830 #7d8794", "#ffffff #909090"),
    "mark": ("continuation", "#eceff3 #87909c", "#2a303a #8d97a5", "#f4f4f4 #808080"),
    "module": ("block", "#d9e6f2 #41719c", "#273f57 #86b3dc", "#e1e1e1 #303030"),
    "other": ("other", "#ffffff #87909c", "#14171c #8d97a5", "#ffffff #606060"),
}
"""What a legend calls each kind of box, in its order, and its fill and stroke in each theme.

A third colour is that of the text in it.
"""

FAMILY_WORDS = {kind: row[0] for kind, row in _KINDS.items()}


PLAIN = {
    "background": ("#ffffff", "#14171c", "#ffffff"),
    "ink": ("#1b1f27", "#eceff4", "#000000"),
    "soft": ("#535c69", "#aab3c0", "#404040"),
    "line": ("#5f6875", "#98a2b0", "#404040"),
    "frame_fill": ("#f3f5f8", "#1c2027", "#f7f7f7"),
    "frame_line": ("#c9d0d9", "#3a424e", "#b0b0b0"),
    "shortcut": ("#b5530a", "#ffa45c", "#000000"),
    "crossing": ("#b5530a", "#ffa45c", "#000000"),
    "auxiliary": ("#8a4a86", "#d79bd2", "#606060"),
    "unknown": ("#cfd4da", "#4a525e", "#f0f0f0"),
}
"""The other colours in each theme, one a field of ``Theme``."""

_ON_BOXES = ("#1b1f27", "#f3f5f8", "#000000")
"""The colour of text in boxes."""
_TINTS = (
    "#f3f5f8 #c9d0d9, #fbf6ea #e0d2b2, #eef6f0 #c0d8c8, #faf1f5 #e0c7d3",
    "#1c2027 #3a424e, #242017 #4f4733, #17231d #34493e, #251b21 #4e3a46",
    "#f9f9f9 #b0b0b0, #efefef #a0a0a0",
)
_DEVICES = (
    "#bcdcf3 #0072b2, #f9cfae #c25a00, #b9e3d3 #00805d, #edc9dd #a8487b",
    "#1a4f76 #6db8ea, #7a4012 #f2a35e, #12574a #54c5a4, #6a2f50 #e292bb",
    "#eeeeee #303030, #bdbdbd #202020, #ffffff #505050, #d6d6d6 #303030",
)
_RAMPS = (
    "#f4f8fc #c6dbef #7fb8dc #3b86c0 #08488f",
    "#1c2530 #1f4766 #2c77ab #63abdd #bfe0f7",
    "#ffffff #d9d9d9 #b0b0b0 #7d7d7d #404040",
)


_WHITE = frozenset(("input", "output", "norm", "reshape", "regularisation", "mark", "other"))
"""The kinds of boxes without a hue."""
_FAMILIES = {
    "background": "ground",
    "frame_fill": "ground",
    "shortcut": "linear",
    "crossing": "linear",
    "auxiliary": "merge",
}
"""Which kinds of boxes have the hue of other colours; the rest is ink."""
_DEVICE_FAMILIES = ("conv", "linear", "pool", "merge")
_TINT_FAMILIES = ("", "activation", "pool", "merge")


def _tone(colours: str, text: str, kind: str) -> Tone:
    """Return the tone of a fill and a stroke, with the usual colour of text where none is said.

    Without a ``kind`` it is grey, which no theme changes.
    """
    fill, stroke, *own = colours.split()
    words = own[0] if own else text
    if not kind:
        return Tone(fill, stroke, words)
    ground, line = ("ground", "ink") if kind in _WHITE else (kind, kind)
    filled = Themed(fill, ground)
    return Tone(filled, Themed(stroke, line), Themed(words, "ink", on=filled))


def _tint(pair: str, kind: str) -> tuple[str, str]:
    fill, line = pair.split()
    own = f"{kind} frame" if kind else ""
    return Themed(fill, own or "ground"), Themed(line, own or "ink")


def _theme(name: str, place: int) -> Theme:
    text, tints, grey = _ON_BOXES[place], _TINTS[place].split(", "), name == "print"

    def plain(key: str) -> str:
        value, family = PLAIN[key][place], _FAMILIES.get(key, "ink")
        return value if grey or key == "unknown" else Themed(value, family)

    devices = zip(_DEVICES[place].split(", "), _DEVICE_FAMILIES, strict=False)
    return Theme(
        name=name,
        frame_tints=tuple(
            tuple(tint.split()) if grey else _tint(tint, kind)  # type: ignore[misc]
            for tint, kind in zip(tints, _TINT_FAMILIES, strict=False)
        ),
        tones={
            kind: _tone(row[1 + place], text, "" if grey else kind) for kind, row in _KINDS.items()
        },
        devices=tuple(_tone(pair, text, "" if grey else kind) for pair, kind in devices),
        ramp=tuple(_RAMPS[place].split()),
        **{key: plain(key) for key in PLAIN},
    )


THEMES = {name: _theme(name, n) for n, name in enumerate(("light", "dark", "print"))}


def ramp(stops: tuple[str, ...], part: float) -> str:
    """Return the colour at ``part`` (0 to 1) of a scale through these stops."""
    part = min(1.0, max(0.0, part)) * (len(stops) - 1)
    index = min(len(stops) - 2, int(part))
    low, high = (bytes.fromhex(stop[1:]) for stop in stops[index : index + 2])
    mixed = bytes(round(a + (b - a) * (part - index)) for a, b in zip(low, high, strict=True))
    return f"#{mixed.hex()}"


def mixed(colour: str, other: str, part: float) -> str:
    """Return a colour so far on the way to another; of a theme's colour it is another tint."""
    value = ramp((colour, other), part)
    return Themed(value, colour.family) if isinstance(colour, Themed) else value
