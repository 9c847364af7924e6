"""What a file of a stranger may ask for: more than any published network has, and no more.

Each is a bound on time and memory that the size of the file alone doesn't give.
"""

__all__ = [
    "ATTRIBUTES",
    "AXES",
    "COMPUTED",
    "DEVICES",
    "FILE",
    "FOLDED",
    "GROWTH",
    "NAME",
    "NESTING",
    "OPEN",
    "OPERATORS",
]

FILE = 2**28
"""Bytes that a file may hold besides its weights; the largest published networks have 10 MB."""

OPEN = 20
"""Extents that a network leaves open under a letter each; the others are unknown."""

OPERATORS = 1_000_000
"""Operators of a network, its functions put in place."""

GROWTH = 1_000
"""How many times as many operators as a file holds its functions become, put in place."""

NAME = 1_000
"""Characters of a name."""

NESTING = 64
"""How deep graphs stand inside graphs, values inside values, and modules inside modules."""

ATTRIBUTES = 1_000
"""Attributes of one node of an ONNX file."""

AXES = 64
"""Axes of a tensor, as in PyTorch and NumPy."""

FOLDED = 1024
"""Numbers that arithmetic on sizes gives; more of them are no sizes."""

COMPUTED = 2**26
"""Numbers that are computed for one weight of a file, besides as many as the file has bytes."""

DEVICES = 1_000
"""Devices that a network runs on."""
