"""Tables: plain data first, then one small writer per format.

``cost_report`` counts, ``cost_table`` lays out, ``render`` writes: terminal, csv, markdown, latex.

Private: it may change in any release.
"""

from archgraph.tables.cost_report import CostReport, GroupCost, NodeCost, cost_report
from archgraph.tables.cost_table import cost_table
from archgraph.tables.render import FORMATS, render
from archgraph.tables.table import AtLeast, Cell, Column, Table

__all__ = [
    "FORMATS",
    "AtLeast",
    "Cell",
    "Column",
    "CostReport",
    "GroupCost",
    "NodeCost",
    "Table",
    "cost_report",
    "cost_table",
    "render",
]
