"""An importer: text files with a layer a line, such as ``conv 16``, ``scale`` and ``fc 10``."""

import archgraph as ag
from archgraph.errors import FormatError
from layerscale.operator import LayerScale


def read(path, *, input=None):
    b = ag.Builder(path.stem, input or (3, 32, 32))
    x, width = b.input, 0
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        match line.split():
            case ["conv", size]:
                width = int(size)
                x = b.conv(f"layer{number}", x, width, 3, padding=1)
            case ["scale"]:
                x = b.add(f"layer{number}", LayerScale(width), x)
            case ["fc", size]:
                x = b.linear(f"layer{number}", b.flatten(f"flatten{number}", x), int(size))
            case _:
                raise FormatError(f"'{path}', line {number}: {line!r} is no layer of this format.")
    return b.build(x)
