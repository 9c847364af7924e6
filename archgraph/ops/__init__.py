"""The operators, one frozen dataclass each, with PyTorch's names for their fields.

A new one is a class in one of these files, named in the file's ``__all__``; nothing here changes.
Files of everyday operators are imported at once, the others when one of their names is asked for,
so that the cost of a convolutional network does not wait for what transformers need.

Public: docs/versions.md says what a release may change.
"""

from typing import TYPE_CHECKING, Any

from archgraph.ops.activation import *
from archgraph.ops.base import *
from archgraph.ops.conv import *
from archgraph.ops.linear import *
from archgraph.ops.merge import *
from archgraph.ops.norm import *
from archgraph.ops.pool import *
from archgraph.ops.reshape import *
from archgraph.ops.source import *
from archgraph.ops.words import *

if TYPE_CHECKING:
    from archgraph.ops.attention import *
    from archgraph.ops.einsum import *
    from archgraph.ops.embedding import *
    from archgraph.ops.filled import *
    from archgraph.ops.functional import *
    from archgraph.ops.indexing import *
    from archgraph.ops.layer_norm import *
    from archgraph.ops.pointwise import *
    from archgraph.ops.rearrange import *
    from archgraph.ops.recurrent import *
    from archgraph.ops.reduce import *
    from archgraph.ops.registry import *
    from archgraph.ops.resample import *
    from archgraph.ops.sorting import *
    from archgraph.ops.windows_1d_3d import *


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    from archgraph.ops.registry import load_all

    globals().update(load_all())
    try:
        return globals()[name]
    except KeyError:
        raise AttributeError(f"module '{__name__}' has no operator '{name}'") from None
