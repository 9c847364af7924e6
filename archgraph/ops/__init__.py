"""The operators, one frozen dataclass each, with PyTorch's names for their fields.

A new one is a class in one of these files, named in the file's ``__all__``; nothing here changes.
"""

from archgraph.ops.activation import *
from archgraph.ops.attention import *
from archgraph.ops.base import *
from archgraph.ops.conv import *
from archgraph.ops.embedding import *
from archgraph.ops.filled import *
from archgraph.ops.indexing import *
from archgraph.ops.linear import *
from archgraph.ops.merge import *
from archgraph.ops.norm import *
from archgraph.ops.pointwise import *
from archgraph.ops.pool import *
from archgraph.ops.rearrange import *
from archgraph.ops.recurrent import *
from archgraph.ops.reduce import *
from archgraph.ops.registry import *
from archgraph.ops.resample import *
from archgraph.ops.reshape import *
from archgraph.ops.source import *
from archgraph.ops.words import *
