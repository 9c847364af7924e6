"""Tables: plain data first, then one small writer per format (private).

``cost_report`` counts, ``cost_table`` lays out, ``render`` writes: terminal, csv, markdown, latex.
"""

from archgraph.tables.cost_report import cost_report
from archgraph.tables.cost_table import cost_table
from archgraph.tables.render import FORMATS, render
from archgraph.tables.shown_table import Showing, ShownTable
from archgraph.tables.table import Column, Table

__all__ = [
    "FORMATS",
    "Column",
    "Showing",
    "ShownTable",
    "Table",
    "cost_report",
    "cost_table",
    "render",
]
