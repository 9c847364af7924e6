"""The view: what a picture shows, before any geometry; again a small graph."""

from .build import LEVELS, build_view, usual_level
from .label import Inside, Label
from .labels import op_text, words_of
from .model import Form, Room, View, ViewEdge, ViewNode

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
    "op_text",
    "usual_level",
    "words_of",
]
