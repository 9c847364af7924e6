"""The view: what a picture shows, before any geometry; again a small graph."""

from .build import LEVELS, build_view, usual_level
from .labels import op_text, words_of
from .model import View, ViewEdge, ViewNode
from .narrow import ROOMS, narrowed

__all__ = [
    "LEVELS",
    "ROOMS",
    "View",
    "ViewEdge",
    "ViewNode",
    "build_view",
    "narrowed",
    "op_text",
    "usual_level",
    "words_of",
]
