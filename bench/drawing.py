"""Drawing every layer from a cold start: archgraph against torchview.

torchview traces the module and writes DOT source, which Graphviz lays out; both count. Graphviz
is the one inside pygraphviz, so that no ``dot`` command is needed.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.timing import Row, cold, python

__all__ = ["rows"]

_TORCHVIEW = """
import torch, archgraph as ag, pygraphviz, torchview
module = ag.to_torch(ag.load("{name}"), seed=None).to_empty(device="cpu")
drawn = torchview.draw_graph(module, input_data=torch.zeros(1, 3, 224, 224), depth=20)
pygraphviz.AGraph(string=drawn.visual_graph.source).draw("{target}", format="svg", prog="dot")
"""


def rows() -> Iterator[Row]:
    """Yield the comparisons."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("googlenet", "resnet152"):
            target = Path(folder) / f"{name}.svg"
            command = [sys.executable, "-m", "archgraph", "draw", name, "--level", "layer"]
            # As large as it needs to be, as torchview draws: on a slide, several pages hold it.
            command += ["--fit", "none"]
            ours = cold([*command, "-o", str(target)], 3)
            theirs = cold(python(_TORCHVIEW.format(name=name, target=target)), 2)
            yield Row(f"drawing {name}, every layer, cold start", ours, "torchview", theirs)
