"""Forms of plain values: what an attribute or a setting must be, in words and as a check.

Files are written by strangers, and Python holds any object in any place. A form looks at a value,
and at what is inside it, and says in one phrase what is wrong and where. It takes time in
proportion to the value's size; what it lets pass is bounded in depth, and in every number, so that
whoever reads it later needs no check of its own.
"""

from __future__ import annotations

import math
import re
import reprlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from archgraph.limits import DEVICES, NAME, NESTING, NUMBER, WHOLE

__all__ = [
    "ANYTHING",
    "COUNT",
    "DEVICE",
    "FINITE",
    "FLAG",
    "NOTE",
    "PLAIN",
    "REAL",
    "TEXT",
    "TEXTS",
    "WHOLE_NUMBER",
    "Form",
    "either",
    "is_line",
    "lists",
    "maybe",
    "objects",
    "one_of",
    "records",
    "shown",
]

Inside = Iterable[tuple[str | int | None, object, "Form"]]
"""Where each value inside stands (None for a key), the value, its form."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a value must be: in ``words``, whether one ``fits``, and the forms of what is inside."""

    words: str
    fits: Callable[[object], bool]
    inside: Callable[[object], Inside] | None = None

    def fault(self, value: object) -> str | None:
        """Return what is wrong with a value, as the rest of a sentence; None where it is right."""
        if self.inside is None and self.fits(value):
            return None
        found = self._found(value, 0)
        if found is None:
            return None
        path, words = found
        return f"at {path} {words}" if path else words

    def _found(self, value: object, depth: int) -> tuple[str, str] | None:
        """Return where something is wrong, and what."""
        if not self.fits(value):
            return "", f"is {shown(value)}, but it must be {self.words}"
        if self.inside is None:
            return None
        if depth == NESTING:
            return "", f"holds values in values, deeper than {NESTING}"
        for where, item, form in self.inside(value):
            if form.inside is None and form.fits(item):
                continue
            found = form._found(item, depth + 1)
            if found is not None:
                path, words = found
                if depth >= _FAR:
                    return "…", words
                return ("a key" if where is None else f"[{shown(where)}]{path}"), words
        return None


_FAR = 5
"""How many steps to a wrong value are told; more tell no more."""


class _Shown(reprlib.Repr):
    """Values as errors show them: short, whatever they are, in time that is short too."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel, self.maxstring, self.maxother = 3, 60, 60

    def repr_int(self, x: int, level: int) -> str:  # noqa: ARG002
        """Return a number; Python refuses to write one of some thousand digits."""
        return repr(x) if abs(x) < 10**30 else f"a number of {_digits(x)} digits"


def _digits(number: int) -> int:
    return int(abs(number).bit_length() * math.log10(2)) + 1


_SHOWN = _Shown()


def shown(value: object) -> str:
    """Return a value as an error shows it: in few characters, on one line, each one printable."""
    found = _SHOWN.repr(value)
    return found if len(found) <= 80 else f"{found[:77]}..."


_HALF_OR_CONTROL = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff"
_UNCLEAN = re.compile(f"[{_HALF_OR_CONTROL}]")
_UNCLEAN_LINE = re.compile(rf"[{_HALF_OR_CONTROL}\t\n\r\u2028\u2029]")


def is_clean(text: str) -> bool:
    """Return whether a text can be written to every kind of file.

    That is one without control characters and without lone surrogates: halves of characters, which
    no encoding has.
    """
    return _UNCLEAN.search(text) is None


def is_line(text: str) -> bool:
    """Return whether a text can be a name or a label: clean, on one line, and no essay."""
    return len(text) <= NAME and _UNCLEAN_LINE.search(text) is None


TEXT = Form(
    f"one line of text, at most {NAME:,} characters, none of them a control character or half of "
    "one",
    lambda value: isinstance(value, str) and is_line(value),
)
NOTE = Form(
    "text without control characters",
    lambda value: isinstance(value, str) and is_clean(value),
)
FLAG = Form("true or false", lambda value: type(value) is bool)
ANYTHING = Form("anything", lambda _: True)


def _a_number(value: object) -> bool:
    """Return whether a value is a number that can be calculated with: finite and of some size."""
    return type(value) in (int, float) and -NUMBER <= value <= NUMBER  # type: ignore[operator]


WHOLE_NUMBER = Form(
    f"a whole number of at most {WHOLE:,}",
    lambda value: type(value) is int and -WHOLE <= value <= WHOLE,
)
FINITE = Form(f"a number of at most {NUMBER:g}", _a_number)
REAL = Form(
    f"a number of at most {NUMBER:g}, infinite or undefined",
    lambda value: _a_number(value) or (type(value) is float and not math.isfinite(value)),
)
DEVICE = Form(
    f"a whole number from 0 below {DEVICES:,}",
    lambda value: type(value) is int and 0 <= value < DEVICES,
)


def maybe(form: Form) -> Form:
    """Return the form of a value that may also be None."""

    def inside(value: object) -> Inside:
        return () if value is None or form.inside is None else form.inside(value)

    return Form(f"{form.words}, or null", lambda value: value is None or form.fits(value), inside)


COUNT = Form(
    f"a whole number from 0 to {WHOLE:,}", lambda value: type(value) is int and 0 <= value <= WHOLE
)


def one_of(*words: str) -> Form:
    """Return the form of a value that is one of some words."""
    return Form(" or ".join(map(repr, words)), lambda value: type(value) is str and value in words)


def either(one: Form, other: Form) -> Form:
    """Return the form of a value of one of two forms, which are of different types."""

    def inside(value: object) -> Inside:
        form = one if one.fits(value) else other
        return () if form.inside is None else form.inside(value)

    return Form(
        f"{one.words}, or {other.words}",
        lambda value: one.fits(value) or other.fits(value),
        inside,
    )


def lists(form: Form, words: str, least: int = 0) -> Form:
    """Return the form of a list of values of one form, ``least`` or more."""

    def inside(value: object) -> Inside:
        assert isinstance(value, (list, tuple))
        return ((number, item, form) for number, item in enumerate(value))

    return Form(
        words, lambda value: isinstance(value, (list, tuple)) and len(value) >= least, inside
    )


TEXTS = lists(TEXT, "a list of texts")


def objects(form: Form, words: str) -> Form:
    """Return the form of an object whose values are of one form, under any keys."""

    def inside(value: object) -> Inside:
        assert isinstance(value, dict)
        for key, item in value.items():
            yield None, key, TEXT
            yield key, item, form

    return Form(words, lambda value: isinstance(value, dict), inside)


def records(
    words: str, must: Mapping[str, Form], may: Mapping[str, Form] = {}, *, others: bool = True
) -> Form:
    """Return the form of an object with values under given keys; ``others`` hold plain data."""
    known = {**must, **may}

    def inside(value: object) -> Inside:
        assert isinstance(value, dict)
        for key, item in value.items():
            if key in known:
                yield key, item, known[key]
            else:
                yield None, key, TEXT
                yield key, item, PLAIN

    def fits(value: object) -> bool:
        return (
            isinstance(value, dict)
            and value.keys() >= must.keys()
            and (others or value.keys() <= known.keys())
        )

    return Form(words, fits, inside)


def _plain_inside(value: object) -> Inside:
    if isinstance(value, (list, tuple)):
        return ((number, item, PLAIN) for number, item in enumerate(value))
    if isinstance(value, dict):
        return _plain_items(value)
    return ()


def _plain_items(value: dict[Any, object]) -> Inside:
    for key, item in value.items():
        if isinstance(key, str):  # others are the user's own, and are not saved
            yield None, key, TEXT
        yield key, item, PLAIN


def _is_bounded(value: object) -> bool:
    if isinstance(value, str):
        return is_clean(value)
    return not isinstance(value, int) or -NUMBER <= value <= NUMBER


PLAIN = Form(
    f"plain data, without numbers above {NUMBER:g} and control characters",
    _is_bounded,
    _plain_inside,
)
"""Any value of a user's own; what is no plain data is found when it is to be saved."""
