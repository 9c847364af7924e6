"""A look of one's own: a small TOML file, or a dict, with colours, fonts, words and settings."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from archgraph.errors import DrawError, FileError
from archgraph.files import plain_file
from archgraph.forms import TEXT, shown
from archgraph.limits import LOOK
from archgraph.nearest import nearest

from ..dress.own_words import refuse_words
from ..view import read_setting, setting_texts
from .contrast import contrast
from .own_colours import KINDS, is_color, own_color, own_frame, own_tone, refuse_color
from .theme import FAMILY_WORDS, PLAIN, Theme

__all__ = ["NONE", "OPTIONS", "Look", "dressed", "read_look"]

OPTIONS = (
    *("theme", "palette", "font", "lang", "fit", "level", "color", "scale", "facts", "style"),
    *("title", "legend"),
)
"""The options that a look can bring; the others are of one network."""

TABLES = ("colors", "page", "sizes", "words", "set")
"""What else it holds."""

SERIES = ("bar", "stages", "devices")
"""What of a page is a list of colours."""

READABLE = 4.5
"""The contrast that words need to their ground (WCAG 2.2, 1.4.3)."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a look holds, checked: options, colours, sizes, words, and settings of boxes.

    ``name`` is the file's, or empty; paths in it begin at its ``folder``. ``colors`` are of kinds
    of boxes and ``page`` those of everything else, lists in words; ``label`` and
    ``secondary`` are the least sizes of labels and of facts below them in points.
    """

    name: str = ""
    folder: str = "."
    options: tuple[tuple[str, Any], ...] = ()
    colors: tuple[tuple[str, str], ...] = ()
    page: tuple[tuple[str, str], ...] = ()
    label: float | None = None
    secondary: float | None = None
    words: tuple[tuple[str, str], ...] = ()
    set: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """How an error begins that is about it."""
        return f"the look '{self.name}'" if self.name else "the look"


NONE = Look()


def read_look(given: object) -> Look:
    """Return a look from a file's path or from a mapping of the same keys.

    Raises DrawError, in one sentence with the line and the nearest right key, and FileError.
    """
    if given is None or isinstance(given, Look):
        return NONE if given is None else given
    if isinstance(given, Mapping):
        return _Reader("", "").read(given)
    if not isinstance(given, (str, Path)):
        raise DrawError(f"look is {shown(given)}, but it takes a TOML file or a dict.")
    import tomllib

    text = _text(str(given))
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DrawError(f"the look '{given}' is no TOML: {str(error).rstrip('.')}.") from None
    except RecursionError:
        raise DrawError(f"the look '{given}' holds values in values, too deep.") from None
    return _Reader(str(given), text).read(found)


def _text(path: str) -> str:
    """Return a look file's text; FileError where there is none, or too much."""
    try:
        with plain_file(path).open("rb") as file:
            content = file.read(LOOK + 1)
    except OSError as error:
        raise FileError(f"cannot read the look '{path}': {error.strerror or error}.") from None
    if len(content) > LOOK:
        raise DrawError(f"the look '{path}' has more than {LOOK:,} bytes.")
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise DrawError(f"the look '{path}' is not a UTF-8 text file.") from None


class _Reader:
    """Checks each part of a look; an error names the line where its key stands."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self.lines = name, text.splitlines()

    def read(self, given: Mapping[Any, Any]) -> Look:
        self._refuse_unknown("", given, (*OPTIONS, *TABLES))
        tables = {name: self._table(name, given.get(name, {})) for name in TABLES}
        options = {key: self._option(key, given[key]) for key in given if key in OPTIONS}
        try:
            refuse_words(tables["words"])
        except DrawError as error:
            raise self._error("words", *tables["words"], message=str(error)) from None
        try:
            settings = setting_texts(tables["set"])
            for each in map(read_setting, settings):
                if each.color is not None:
                    refuse_color(each.color)
        except DrawError as error:
            raise self._error("set", message=str(error)) from None
        label, secondary = self._sizes(tables["sizes"])
        return Look(
            self.name,
            str(Path(self.name).parent) if self.name else ".",
            tuple(options.items()),
            tuple(self._kinds(tables["colors"]).items()),
            tuple(self._page(tables["page"]).items()),
            label,
            secondary,
            tuple(tables["words"].items()),
            settings,
        )

    def _table(self, name: str, value: object) -> dict[str, Any]:
        if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
            raise self._error("", name, message=f"{name} is {shown(value)}, but it is a table.")
        return dict(value)

    def _option(self, key: str, value: object) -> Any:
        if isinstance(value, list):
            value = tuple(value)
        parts = value if isinstance(value, tuple) else (value,)
        if not all(isinstance(each, bool) or TEXT.fault(each) is None for each in parts):
            raise self._error("", key, message=f"{key} is {shown(value)}, but it takes a text.")
        return value

    def _kinds(self, given: Mapping[str, Any]) -> dict[str, str]:
        known = {**{kind: kind for kind in FAMILY_WORDS}, **KINDS}
        self._refuse_unknown("colors", given, known, KINDS)
        return {known[key.lower()]: self._color("colors", key, given[key]) for key in given}

    def _page(self, given: Mapping[str, Any]) -> dict[str, str]:
        self._refuse_unknown("page", given, (*PLAIN, *SERIES))
        found = {}
        for key, value in given.items():
            if key not in SERIES:
                found[key] = self._color("page", key, value)
                continue
            if not isinstance(value, (list, tuple)) or not 2 <= len(value) <= 9:
                told = f"{key} is {shown(value)}, but it is a list of 2 to 9 colours."
                raise self._error("page", key, message=told)
            found[key] = " ".join(self._color("page", key, each) for each in value)
        return found

    def _color(self, table: str, key: str, value: object) -> str:
        if not isinstance(value, str) or not is_color(value):
            told = f"{key} is {shown(value)}, but it is a colour such as '#c0392b' or 'steelblue'."
            raise self._error(table, key, message=told)
        return value.lower()

    def _sizes(self, given: Mapping[str, Any]) -> list[float | None]:
        names = ("label", "secondary")
        self._refuse_unknown("sizes", given, names)
        for key in names:
            value = given.get(key)
            if value is not None and not (type(value) in (int, float) and 1 <= value <= 100):
                told = f"{key} is {shown(value)}, but it is a size in points."
                raise self._error("sizes", key, message=told)
        return [given.get(key) for key in names]

    def _refuse_unknown(
        self,
        table: str,
        given: Mapping[Any, Any],
        known: Collection[str],
        listed: Collection[str] = (),
    ) -> None:
        for key in given:
            if not isinstance(key, str) or key.lower() not in known:
                names = ", ".join(listed or known)
                where = f"[{table}]" if table else "it"
                near = nearest(str(key), known)
                told = f"there is no key {shown(key)}{near}; {where} has {names}."
                raise self._error(table, key, message=told)

    def _error(self, table: str, *keys: object, message: str) -> DrawError:
        """Return an error that says where the first of some keys stands in its table."""
        whole = Look(self.name).told
        line = self._line(table, [str(key) for key in keys])
        return DrawError(f"{whole}{f', line {line}' if line else ''}: {message}")

    def _line(self, table: str, keys: list[str]) -> int | None:
        inside = not table
        for number, line in enumerate(self.lines, 1):
            head = re.match(r"\s*\[+\s*\"?([^\"\]]*)", line)
            if head:
                inside = head[1].split(".")[0].strip() == table
                if inside and not keys:
                    return number
            here = keys if inside else []
            if any(re.match(rf"\s*[\[\"']*{re.escape(key)}[\"']?\s*[=.\]]", line) for key in here):
                return number
            if table and re.match(rf"\s*{table}\s*[.=]", line):
                return number
        return None


def dressed(theme: Theme, look: Look) -> Theme:
    """Return a theme with the colours of a look; print stays grey.

    Raises DrawError where words would not stand out on the page.
    """
    page = dict(look.page)
    plain = {key: own_color(page[key], theme) for key in PLAIN if key in page}
    made = replace(theme, **plain)  # type: ignore[arg-type]
    for key in ("ink", "soft"):
        have = contrast(getattr(made, key), made.background)
        if plain.keys() & {key, "background"} and have < READABLE:
            raise DrawError(
                f"{look.told}: {key} {getattr(made, key)} on background {made.background} has a "
                f"contrast of {have:.1f}, and words need {READABLE}; name both, or begin with "
                'theme = "dark".'
            )
    tones = {**made.tones, **{kind: own_tone(color, made) for kind, color in look.colors}}
    lists = {key: tuple(page[key].split()) for key in SERIES if key in page}
    if "bar" in lists:
        made = replace(made, ramp=tuple(own_color(each, made) for each in lists["bar"]))
    if "stages" in lists:
        made = replace(made, frame_tints=tuple(own_frame(each, made) for each in lists["stages"]))
    if "devices" in lists:
        made = replace(made, devices=tuple(own_tone(each, made) for each in lists["devices"]))
    return replace(made, tones=tones)
