"""The fields of operators by their annotations: what a value must be, whoever wrote it.

A field whose type says nothing (``Any``) holds plain data; what it must be beyond that, its
operator says when it is made.
"""

from __future__ import annotations

import re
from dataclasses import fields
from functools import cache
from typing import Any

from archgraph.forms import (
    FINITE,
    FLAG,
    PLAIN,
    REAL,
    TEXT,
    WHOLE_NUMBER,
    Form,
    either,
    lists,
    maybe,
)

__all__ = ["Real", "fault_in"]

Real = float
"""The type of a field that may also be infinite or undefined: what fills a mask."""

_FORMS = {
    "int": WHOLE_NUMBER,
    "float": FINITE,
    "bool": FLAG,
    "str": TEXT,
    "Real": REAL,
    "PerAxis": either(WHOLE_NUMBER, lists(WHOLE_NUMBER, "a list of such", least=1)),
}


@cache
def _form_of(annotation: str) -> Form:
    """Return the form of what is annotated as ``int``, ``float | None``, ``tuple[int, ...]``."""
    if annotation.endswith(" | None"):
        return maybe(_form_of(annotation.removesuffix(" | None")))
    several = re.fullmatch(r"(?:tuple|list)\[(\w+)(, .*)?\]", annotation)
    if several is not None and several[1] in _FORMS:
        form = _FORMS[several[1]]
        return lists(form, f"a list, each {form.words}")
    return _FORMS.get(annotation, PLAIN)


@cache
def _fields_of(op: Any) -> tuple[tuple[str, Form], ...]:
    """Return the names and forms of an operator class's fields; annotations may be texts."""
    return tuple(
        (each.name, _form_of(each.type if isinstance(each.type, str) else _name_of(each.type)))
        for each in fields(op)
    )


def _name_of(annotation: Any) -> str:
    return annotation.__name__ if type(annotation) is type else str(annotation)


def fault_in(op: Any) -> str | None:
    """Return what is wrong with an operator's fields, as a sentence; None where nothing is."""
    kind: Any = type(op)
    for name, form in _fields_of(kind):
        found = form.fault(getattr(op, name))
        if found is not None:
            return f"{name} {found}."
    return None
