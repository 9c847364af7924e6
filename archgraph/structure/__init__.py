"""What a network consists of: a tree of groups, and the cuts that people name (private).

The tree is a pure function of the graph: from the stages and blocks that a network declares, else
from the modules of its dotted names, else from what is found in the graph itself. Tables and
pictures read this tree only, so that "block" means the same everywhere.
"""

from archgraph.structure.acyclic import pieces
from archgraph.structure.contents import Contents
from archgraph.structure.cuts import Cut
from archgraph.structure.declared import group_labels
from archgraph.structure.group import Group, Kind
from archgraph.structure.group_flow import group_flow, in_flow
from archgraph.structure.repeats import Motifs, runs
from archgraph.structure.tree import LEVELS, Structure, cut, steady, structure

__all__ = [
    "LEVELS",
    "Contents",
    "Cut",
    "Group",
    "Kind",
    "Motifs",
    "Structure",
    "cut",
    "group_flow",
    "group_labels",
    "in_flow",
    "pieces",
    "runs",
    "steady",
    "structure",
]
