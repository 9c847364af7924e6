"""Palettes by name: colours of boxes and of colour bars that colour-blind readers tell apart.

The colours of boxes are mixes of a published palette's with the page's, chosen so that any two
kinds of layers differ for whoever lacks red, green or blue cones, from the page and from the grey
of norms, too. The test of each is in ``tests/test_look.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from .contrast import luminance, readable
from .theme import Theme, Tone, ramp

__all__ = ["HUES", "PALETTES", "Palette", "in_palette"]

HUES = (
    "conv",
    "linear",
    "pool",
    "merge",
    "attention",
    "embedding",
    "recurrent",
    "resampling",
)
"""The kinds of boxes that have a colour of their own, in the order of a palette's."""

LINE, SOFT = 0.5, 0.55
"""How far a box's line is from its fill to the ink, and a reduction's fill to the page."""

_NEUTRAL = {
    "norm": ("#e3e6ea #87909c", "#343a44 #8d97a5"),
    "activation": ("#f0f1f3 #9aa2ad", "#282d35 #7d8794"),
    "elementwise": ("#f0f1f3 #9aa2ad", "#282d35 #7d8794"),
    "reduce": ("#f0f1f3 #9aa2ad", "#282d35 #7d8794"),
    "module": ("#cfd5dc #5f6875", "#4b535f #a3adba"),
}
"""What has no colour of its own, light and dark: greys, so that colours stay with the layers."""


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours that go together: of boxes on a light and on a dark page, and of colour bars.

    ``light`` and ``dark`` are a fill for each of ``HUES``; without them boxes have the theme's.
    ``bar`` goes from what stands out least on white to what stands out most.
    """

    source: str
    light: str = ""
    dark: str = ""
    bar: str = ""


_OKABE = "Okabe and Ito, Color Universal Design, 2008"
_TOL = "Paul Tol, Colour Schemes, SRON/EPS/TN/09-002, issue 3.2, 2021"
_BREWER = "Cynthia Brewer, ColorBrewer 2.0, 2003"
_IBM = "IBM Design Language, colour blindness safe"
_VIRIDIS = "Smith and van der Walt, 2015; bars only"
_CIVIDIS = "Nuñez, Anderton and Renslow, PLOS ONE 13, 2018; bars only"
_TOL_BAR = "#fff7bc #fee391 #fec44f #fb9a29 #cc4c02 #662506"
_BREWER_BAR = "#ffffcc #a1dab4 #41b6c4 #2c7fb8 #253494"

PALETTES = {
    "okabe-ito": Palette(_OKABE),
    "okabe-ito-strong": Palette(
        _OKABE,
        "#91cef1 #efc159 #26ad88 #d99abd #2687be #f7f097 #e49659 #56b4e9",
        "#055b8c #e69f00 #057c5d #9e6084 #0b4060 #a39c35 #91450a #468db6",
    ),
    "tol-bright": Palette(
        _TOL,
        "#608bb7 #ded385 #6fb27a #b7528b #d08fb4 #439a52 #f49ca7 #7dd4f1",
        "#2e4c6a #8c8236 #1e6c2d #ee6677 #3d6995 #b0a23e #b85260 #529fba",
        _TOL_BAR,
    ),
    "tol-muted": Palette(
        _TOL,
        "#a6d9f2 #ece3b4 #accfb8 #d098c7 #8f85be #bdbd7a #d47d8b #60b7a8",
        "#6b9fba #978d57 #12552b #84397a #332288 #6a6c2b #b05a69 #3d9486",
        _TOL_BAR,
    ),
    "tol-light": Palette(
        _TOL,
        "#b2e6ff #f19a7d #44bb99 #ffaabb #99bfe6 #c5d452 #f4e9b2 #b7b726",
        "#78acc6 #b86c54 #38927a #dc94a3 #5e85ad #919f2d #b8ac6d #2e7161",
        _TOL_BAR,
    ),
    "brewer-set2": Palette(
        _BREWER,
        "#aab8d8 #f3e4cf #8cd1bc #fdaa89 #8da0cb #ffd92f #fdc0a9 #bce27f",
        "#6f7e9f #c6aa82 #498675 #c27050 #e78ac3 #90bb4c #958226 #5aa890",
        _BREWER_BAR,
    ),
    "brewer-dark2": Palette(
        _BREWER,
        "#8a85be #d7c199 #82cab4 #e7298a #b3b0d5 #efc85b #e6975b #66a61e",
        "#66639c #56421c #1b9e77 #803f0e #c7267a #52821e #c69506 #196f57",
        _BREWER_BAR,
    ),
    "brewer-paired": Palette(
        _BREWER,
        "#6da7ce #ffac59 #33a02c #fcb3b2 #8f6eb3 #fee9cd #ed6a6b #b2df8a",
        "#1d699d #c46507 #287026 #aa6c6d #54347a #8aad6e #af191c #738e9d",
        _BREWER_BAR,
    ),
    "ibm": Palette(
        _IBM,
        "#9ab6ff #fea873 #ffdb8c #e55c9f #9a86f4 #ffc440 #fe8840 #b9cdff",
        "#587ddd #ac470a #dc9904 #be2470 #5f4cbb #ad7a0a #7d380f #4865b0",
    ),
    "viridis": Palette(_VIRIDIS, bar="#fde725 #5ec962 #21918c #3b528b #440154"),
    "cividis": Palette(_CIVIDIS, bar="#fee838 #bcae6c #7d7c78 #414d6b #00224e"),
}
"""The palettes that there are; the first is that of the themes."""


@lru_cache(maxsize=64)
def _parts(name: str, dark: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    found = PALETTES[name]
    bar = tuple(found.bar.split())
    return tuple((found.dark if dark else found.light).split()), bar[::-1] if dark else bar


def in_palette(theme: Theme, name: str) -> Theme:
    """Return a theme with the colours of a palette; print stays grey."""
    dark = luminance(theme.background) < 0.18
    if theme.name == "print":
        return theme
    fills, bar = _parts(name, dark)
    tones = dict(theme.tones)
    for kind, fill in zip(HUES, fills, strict=False):
        tones[kind] = _tone(fill, theme)
    if fills:
        tones["reduction"] = replace(
            _tone(ramp((fills[0], theme.background), SOFT), theme), stroke=tones["conv"].stroke
        )
        for kind, pair in _NEUTRAL.items():
            fill, stroke = pair[dark].split()
            tones[kind] = Tone(fill, stroke, readable(fill))
    devices = tuple(map(tones.__getitem__, HUES[:4])) if fills else theme.devices
    return replace(theme, tones=tones, devices=devices, ramp=bar or theme.ramp)


def _tone(fill: str, theme: Theme) -> Tone:
    return Tone(fill, ramp((fill, theme.ink), LINE), readable(fill))
