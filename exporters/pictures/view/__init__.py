"""The view: what a picture shows, before any geometry; again a small graph (private)."""

from .build import LEVELS, build_view, counts_of, usual_level
from .label_parts import Inside, Label
from .shown import Form, Room, View, ViewEdge, ViewNode
from .wording import op_text, words_of

__all__ = [
    "LEVELS",
    "Form",
    "Inside",
    "Label",
    "Room",
    "View",
    "ViewEdge",
    "ViewNode",
    "build_view",
    "counts_of",
    "op_text",
    "usual_level",
    "words_of",
]
