"""What a file of a stranger may ask for: more than any published network has, and no more.

Each is a bound on time and memory that the size of the file alone doesn't give.
"""

__all__ = ["DEVICES", "FILE", "FOLDED", "NAME", "NESTING", "OPERATORS", "PIXELS"]

FILE = 2**28
"""Bytes that a file may hold besides its weights; the largest published networks have 10 MB."""

OPERATORS = 1_000_000
"""Operators of a network, its functions put in place."""

NAME = 1_000
"""Characters of a name."""

NESTING = 64
"""How deep graphs stand inside graphs, values inside values, and modules inside modules."""

FOLDED = 1024
"""Numbers that arithmetic on sizes gives; more of them are no sizes."""

DEVICES = 1_000
"""Devices that a network runs on."""

PIXELS = 2**27
"""Pixels of an image that is painted: half a gigabyte; a slide has 4 million."""
