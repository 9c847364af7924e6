"""What a file of a stranger may ask for: more than any published network has, and no more.

Each is a bound on time and memory that the size of the file alone doesn't give.
"""

__all__ = [
    "ASKED",
    "ATTRIBUTES",
    "AXES",
    "CANVAS",
    "COMPUTED",
    "CONFIGURATIONS",
    "DEVICES",
    "ELEMENTS",
    "FILE",
    "FILE_NAME",
    "FOLDED",
    "FONT",
    "GROWTH",
    "LAYERS",
    "LETTERS",
    "LOOK",
    "MESSAGE",
    "NAME",
    "NESTING",
    "NUMBER",
    "OPEN",
    "OPERATORS",
    "PHASES",
    "PIXELS",
    "RANDOM",
    "READINGS",
    "RUN",
    "RUNS",
    "SLIDES",
    "TEMPLATE",
    "TEMPLATE_PARTS",
    "UNKNOWNS",
    "WHOLE",
]

ASKED = 600
"""Seconds that another tool may take to count one network."""

FILE = 2**28
"""Bytes that a file may hold besides its weights; the largest published networks have 10 MB."""

OPEN = 20
"""Extents that a network leaves open under a letter each; the others are unknown."""

OPERATORS = 1_000_000
"""Operators of a network, its functions put in place."""

FILE_NAME = 80
"""Bytes of a file's name that is made after a network's; with suffixes, file systems take 255."""

GROWTH = 1_000
"""How many times as many operators as a file holds its functions become, put in place."""

LOOK = 2**18
"""Bytes of a file that says how pictures look, or of its words in another language."""

NAME = 1_000
"""Characters of a name."""

NESTING = 64
"""How deep graphs stand inside graphs, values inside values, and modules inside modules."""

ATTRIBUTES = 1_000
"""Attributes of one node of an ONNX file."""

AXES = 64
"""Axes of a tensor, as in PyTorch and NumPy."""

FONT = 2**26
"""Bytes of a font file; fonts of all Chinese characters have some 20 MB."""

FOLDED = 1024
"""Numbers that arithmetic on sizes gives; more of them are no sizes."""

MESSAGE = 1_000
"""Characters of an error's line, and of a warning's."""

COMPUTED = 2**26
"""Numbers that are computed for one weight of a file, besides as many as the file has bytes."""

CONFIGURATIONS = 1_000_000
"""Configurations of one sweep."""

RUNS = 10_000
"""Runs of a measurement."""

DEVICES = 1_000
"""Devices that a network runs on."""

CANVAS = 14_400
"""Points of the longest side of a picture that is asked for: 200 inches, the most of a PDF page."""

PIXELS = 2**27
"""Pixels of an image that is painted: half a gigabyte; a slide has 4 million."""

WHOLE = 2**53
"""The largest whole number that a setting or an extent holds; the same in every format."""

NUMBER = 1e30
"""The largest number that is noted on a node, such as a measured one."""

ELEMENTS = 2**63 - 1
"""Elements of a tensor: what the frameworks count with 64 bits."""

RANDOM = 2**31
"""Numbers that are made up as weights of a network that has none: 8 GiB as 32-bit floats."""

RUN = 2**34
"""Bytes of all tensors of a network that is run to check a file."""

PHASES = 128
"""Units in a row that see the input each in its own way; of what has more it is unknown."""

LAYERS = 1_000
"""Layers inside one recurrent operator."""

LETTERS = 8
"""Letters for open extents of which sums of two products are tried; of more, single products."""

READINGS = 200
"""At how many sizes a network is read to find how its cost grows."""

UNKNOWNS = 64
"""Open and unknown extents that one operator reads; what follows from more is unknown."""

TEMPLATE = 2**28
"""Bytes of a template's files, unpacked; those of universities have 1 to 20 MB."""

TEMPLATE_PARTS = 5_000
"""Files inside a template."""

SLIDES = 24
"""Slides of a deck that builds a picture up step by step."""
