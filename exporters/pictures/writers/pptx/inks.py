"""Colours as slides have them: places of the deck's scheme with tints, so that themes recolour.

A box is a tint of an accent, what is nearly the page's colour or stands out from it is one of
ground and text. In a deck of ours the scheme is made for the picture, and every tint is exactly the
drawn colour. In a template hue and saturation are its own, and the lightness is the drawn one where
that is readable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import quoteattr

from ...drawing import Themed
from ...dress.fonts_named import SANS, Font
from ...template import Template, contrast, darker, hsl, lighter, luminance, rgb
from ...template.colours import SCHEME

__all__ = ["SCHEMES", "Inks"]

SCHEMES = {
    name: dict(zip(SCHEME, colours.split(), strict=True))
    for name, colours in (
        ("light", "#1b1f27 #ffffff #343a44 #f6f7f9 #0072b2 #c25a00 #00805d #a8487b #6a51a3 #b39a0c "
                  "#0072b2 #6a51a3"),
        ("dark", "#14171c #eceff4 #343a44 #f6f7f9 #6db8ea #f2a35e #54c5a4 #e292bb #b3a0e8 #e3cc4c "
                 "#6db8ea #b3a0e8"),
    )
}  # fmt: skip
"""The schemes of our own decks: Okabe and Ito's hues as outlines have them, ink and paper."""

_PLACES = {
    "conv": "accent1",
    "reduction": "accent1",
    "resampling": "accent1",
    "linear": "accent2",
    "recurrent": "accent2",
    "pool": "accent3",
    "reduce": "accent3",
    "merge": "accent4",
    "elementwise": "accent4",
    "attention": "accent5",
    "activation": "accent6",
    "embedding": "accent6",
    "module": "dk2",
}
"""Which place of a scheme each kind of box has; those that share one differ in lightness."""

_GREYS = ("ground", "ink", "pale")
"""What has the hue of ground and text."""

READABLE, SEEN = 4.5, 3.0
"""What text and lines need to stand out from what they are on (WCAG 2.2, 1.4.3 and 1.4.11)."""
GREYISH = 0.4
"""The saturation of grey boxes at most."""
STEP = 0.02
_FULL = 100_000

Place = tuple[str, str]
"""A colour: the markup that names it, and what it is."""


@dataclass(slots=True)
class Inks:
    """Turns colours of a drawing into markup for one deck, light or dark."""

    dark: bool
    template: Template | None = None
    font: str = ""
    """The family of all text, where it is not that of the deck's theme."""
    scheme: Mapping[str, str] = field(init=False)
    mapping: dict[str, str] = field(init=False)
    ground: str = field(init=False)
    flips: bool = field(init=False, default=False)
    """Whether slides swap the template's ground and text."""

    def __post_init__(self) -> None:
        self.mapping = {"bg1": "lt1", "tx1": "dk1", "bg2": "lt2", "tx2": "dk2"}
        if self.template is None:
            self.scheme = SCHEMES["dark" if self.dark else "light"]
            swap = self.dark
        else:
            self.scheme, self.mapping = self.template.scheme, dict(self.template.mapping)
            swap = self.flips = self.template.dark != self.dark
        if swap:
            m = self.mapping
            self.mapping = {"bg1": m["tx1"], "tx1": m["bg1"], "bg2": m["tx2"], "tx2": m["bg2"]}
        found = self.scheme[self.mapping["bg1"]]
        self.ground = found if self.template is None or swap else self.template.ground

    @classmethod
    def of(cls, background: str | None, template: Template | None, font: Font = SANS) -> Inks:
        """Return the inks of a deck for drawings on such a ground, in such a font."""
        own = template is not None and font is not SANS
        dark = luminance(background or "#ffffff") < 0.18
        return cls(dark, template, font.office if own else "")

    def typeface(self, face: str = "mn") -> str:
        """Return the font of text: the theme's of its headings (mj) or its body (mn)."""
        if not self.font:
            names = {f"+{face}-lt": "latin", f"+{face}-ea": "ea", f"+{face}-cs": "cs"}
            return "".join(f'<a:{kind} typeface="{name}"/>' for name, kind in names.items())
        name = quoteattr(self.font)
        return f"<a:latin typeface={name}/><a:cs typeface={name}/>"

    def fill(self, colour: str, opacity: float = 1.0) -> str:
        """Return the fill of a shape in a colour."""
        return _solid(self._filled(colour)[0], opacity)

    def line(self, colour: str, opacity: float = 1.0) -> str:
        """Return the fill of a line in a colour."""
        if not isinstance(colour, Themed):
            return _solid(_fixed(colour), opacity)
        return _solid(self._lined(colour)[0], opacity)

    def text(self, colour: str) -> str:
        """Return the fill of letters in a colour."""
        if not isinstance(colour, Themed):
            return _solid(_fixed(colour))
        return _solid(self._lettered(colour)[0])

    def _filled(self, colour: str) -> Place:
        if not isinstance(colour, Themed):
            return _fixed(colour), colour
        if colour.family in _GREYS:
            return self._neutral(colour)
        kind, _, framed = colour.family.partition(" ")
        place = _PLACES.get(kind, "accent1")
        if self.template is None:
            # What is a tint of the ground is dark in a dark variant; boxes stay as they are.
            if framed:
                return self._exact("bg1" if self.dark else "bg2", colour)
            return self._exact("accent1" if kind == "module" else place, colour)
        _, much, light = hsl(colour)
        if framed:
            if self._coloured:
                return self._neutral(Themed(colour, "ground"))
            light += hsl(self.ground)[2] - hsl(self._paper)[2]
        return self._tinted(place, min(max(light, 0.0), 1.0), much)

    @property
    def _coloured(self) -> bool:
        """Whether the ground has a hue, on which a tint of another would look soiled."""
        _, much, light = hsl(self.ground)
        return much > 0.25 and 0.06 < light < 0.94

    @property
    def _paper(self) -> str:
        """The ground that colours were chosen for."""
        return SCHEMES["dark"]["dk1"] if self.dark else SCHEMES["light"]["lt1"]

    def _lined(self, colour: Themed) -> Place:
        if self.template is None or colour.family in _GREYS:
            return self._filled(colour)
        place = _PLACES.get(colour.family, "accent1")
        if colour.family.endswith("frame"):  # which need not be seen to read the picture
            return self._neutral(Themed(colour, "pale")) if self._coloured else self._filled(colour)
        pure = self.scheme[place]
        if contrast(pure, self.ground) >= SEEN:
            return self._tinted(place, hsl(pure)[2])
        return self._seen(place, hsl(colour)[2], self.ground, SEEN)

    def _lettered(self, colour: Themed) -> Place:
        on = colour.on
        if colour.family == "pale":
            return self._neutral(colour)
        if self.template is None:
            if on and isinstance(on, Themed) and on.family != "ground":
                # What a dark variant does not change must not be written on in its light ink.
                return self._exact("lt1" if self.dark else "dk1", colour)
            return self._filled(colour)
        if on and isinstance(on, Themed) and on.family != "ground":
            fill = self._filled(on)[1]
            places = [self.mapping["tx1"], self.mapping["bg1"]]
            place = next((p for p in places if contrast(self.scheme[p], fill) >= READABLE), None)
            place = place or max(places, key=lambda p: contrast(self.scheme[p], fill))
            return self._seen(place, hsl(self.scheme[place])[2], fill, READABLE)
        fill = self._filled(on)[1] if on else self.ground
        place = "tx1" if colour.family == "ink" else _PLACES.get(colour.family, "accent1")
        wanted = hsl(self._neutral(colour)[1] if place == "tx1" else colour)[2]
        return self._seen(place, wanted, fill, READABLE)

    def _neutral(self, colour: Themed) -> Place:
        if self.template is None:
            if colour.family != "ground":
                return self._exact("tx1", colour)
            white = colour == self.scheme[self.mapping["bg1"]]
            return self._exact("bg1" if white or self.dark else "bg2", colour)
        # As far from the template's ground to its ink as it is from ours to ours.
        ours = SCHEMES["dark" if self.dark else "light"]
        ends = ("lt1", "dk1") if not self.dark else ("dk1", "lt1")
        paper, ink = (hsl(ours[end])[2] for end in ends)
        part = (hsl(colour)[2] - paper) / (ink - paper)
        low, high = hsl(self.ground)[2], hsl(self._base("tx1"))[2]
        if colour.family == "ground" and abs(part) < 0.005 and self.ground == self._base("bg1"):
            return self._tinted("bg1", hsl(self._base("bg1"))[2])
        light = min(max(low + part * (high - low), 0.0), 1.0)
        if colour.family != "ground":
            return self._tinted("tx1", light)
        return self._tinted("bg1", light, GREYISH)

    def _base(self, place: str) -> str:
        return self.scheme[self.mapping.get(place, place)]

    def _seen(self, place: str, light: float, ground: str, least: float) -> Place:
        """Return a tint as light as wanted, or as much lighter or darker as makes it seen."""
        found = self._tinted(place, light)
        step = -STEP if luminance(ground) > 0.18 else STEP
        while contrast(found[1], ground) < least and 0.0 < light < 1.0:
            light = min(max(light + step, 0.0), 1.0)
            found = self._tinted(place, light)
        return found

    def _tinted(self, place: str, light: float, most: float = 1.0) -> Place:
        """Return a place's colour made so light, and at most so saturated."""
        base = self._base(place)
        hue, much, _ = hsl(base)
        change = f'<a:satMod val="{round(most / much * _FULL)}"/>' if much > most else ""
        found = rgb(hue, min(much, most), light)
        change += "" if found == base else _lightness(base, light)
        return f'<a:schemeClr val="{place}">{change}', found

    def _exact(self, place: str, colour: str) -> Place:
        """Return exactly a colour, as a change of a place's."""
        base = self._base(place)
        if base == colour:
            return f'<a:schemeClr val="{place}">', colour
        (hue, much, light), (old_hue, old_much, _) = hsl(colour), hsl(base)
        change = ""
        if much and abs(hue - old_hue) > 1e-4:
            change += f'<a:hueOff val="{round((hue - old_hue) * 360 * 60_000)}"/>'
        if old_much and abs(much - old_much) > 1e-4:
            change += f'<a:satMod val="{round(much / old_much * _FULL)}"/>'
        return f'<a:schemeClr val="{place}">{change}{_lightness(base, light)}', colour


def _lightness(base: str, light: float) -> str:
    """Return the change that makes a colour so light, as PowerPoint's own palette has it."""
    if light >= hsl(base)[2]:
        part = round(lighter(base, light) * _FULL)
        return f'<a:lumMod val="{part}"/><a:lumOff val="{_FULL - part}"/>'
    return f'<a:lumMod val="{round(darker(base, light) * _FULL)}"/>'


def _fixed(colour: str) -> str:
    return f'<a:srgbClr val="{colour.lstrip("#").upper()}">'


def _solid(opening: str, opacity: float = 1.0) -> str:
    alpha = f'<a:alpha val="{round(opacity * _FULL)}"/>' if opacity < 1 else ""
    kind = opening[1 : opening.index(" ")]
    return f"<a:solidFill>{opening}{alpha}</{kind}></a:solidFill>"
