"""The view: what a picture shows, before any geometry; again a small graph (private)."""

from .build import LEVELS, build_view, counts_of, inner_shortcut, usual_level, view_of
from .collapse import Plan
from .label_parts import Inside, Label
from .shown import Form, Room, View, ViewEdge, ViewNode
from .stepwise import SLICES, WHOLE, Opening
from .wording import op_text, said, words_of

__all__ = [
    "LEVELS",
    "SLICES",
    "WHOLE",
    "Form",
    "Inside",
    "Label",
    "Opening",
    "Plan",
    "Room",
    "View",
    "ViewEdge",
    "ViewNode",
    "build_view",
    "counts_of",
    "inner_shortcut",
    "op_text",
    "said",
    "usual_level",
    "view_of",
    "words_of",
]
