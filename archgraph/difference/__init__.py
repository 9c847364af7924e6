"""What two networks have in common and where they differ, by a matching of graphs (private)."""

from archgraph.difference.classify import diff
from archgraph.difference.difference import Difference
from archgraph.difference.findings import Change, Setting

__all__ = ["Change", "Difference", "Setting", "diff"]
