"""The view: what a picture shows, before any geometry; again a small graph (private)."""

from .box_settings import read_setting, setting_texts
from .build import LEVELS, build_view, counts_of, inner_shortcut, usual_level, view_of
from .collapse import Plan
from .label_parts import Inside, Label
from .set_boxes import refuse_unmatched, with_settings, without_output
from .shown import Form, Room, View, ViewEdge, ViewNode
from .stepwise import SLICES, WHOLE, Opening
from .wording import Facts, op_text, said, words_of

__all__ = [
    "LEVELS",
    "SLICES",
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
    "inner_shortcut",
    "op_text",
    "read_setting",
    "refuse_unmatched",
    "said",
    "setting_texts",
    "usual_level",
    "view_of",
    "with_settings",
    "without_output",
    "words_of",
]
