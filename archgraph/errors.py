"""The errors that a user can cause, each with a name of its own."""

from archgraph.one_line import in_one_line

__all__ = [
    "ArchGraphError",
    "CheckError",
    "CheckpointError",
    "CycleError",
    "DrawError",
    "ExportError",
    "FileError",
    "FormatError",
    "GraphError",
    "MissingDependencyError",
    "ShapeError",
    "UnknownNameError",
]


class ArchGraphError(Exception):
    """Base of every error that archgraph raises for a user's mistake; its text is one sentence.

    However long or odd the values are that it tells of, it is one line: see ``in_one_line``.
    """

    def __str__(self) -> str:
        return in_one_line(super().__str__())


class GraphError(ArchGraphError):
    """A graph that does not hold together: a duplicate name, an unknown input, a wrong position."""


class CycleError(GraphError):
    """A graph whose edges lead back to where they started."""


class ShapeError(GraphError):
    """An operator that cannot take the shapes it is given."""


class UnknownNameError(ArchGraphError):
    """A network, node, module or metric that does not exist."""


class FileError(ArchGraphError):
    """A file that cannot be read or written."""


class FormatError(ArchGraphError):
    """A file or a value whose format is not the one expected."""


class CheckpointError(ArchGraphError):
    """Weights that do not belong to the network they are loaded into."""


class DrawError(ArchGraphError):
    """A picture that cannot be drawn as asked."""


class ExportError(ArchGraphError):
    """A network that cannot be exported as asked."""


class CheckError(ArchGraphError):
    """An exported file whose results differ from those of the network it came from."""


class MissingDependencyError(ArchGraphError):
    """An optional package that the asked-for feature needs."""
