"""The view: what a picture shows, before any geometry; again a small graph (private)."""

from .build import LEVELS, build_view, counts_of, usual_level, view_of
from .collapse import Plan
from .label_parts import Inside, Label
from .shown import Form, Room, View, ViewEdge, ViewNode
from .stepwise import WHOLE, Opening
from .wording import Facts, op_text, said, words_of

__all__ = [
    "LEVELS",
    "WHOLE",
    "Facts",
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
    "op_text",
    "said",
    "usual_level",
    "view_of",
    "words_of",
]
