"""From a graph to an ONNX model without its weights, node by node, without tracing."""

from __future__ import annotations

from dataclasses import dataclass

from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

from archgraph import __version__
from archgraph.errors import ExportError
from archgraph.formats.onnx_notes import describe_model, describe_node
from archgraph.graph import ArchGraph
from archgraph.ops import AdaptiveAvgPool2d, Dropout, Identity, Input, Shape
from archgraph.parts import in_order

from .context import ELEMENT_TYPES, Context
from .devices import declare_devices, place_node
from .lowering import lower
from .options import Options
from .sizes import open_nodes

__all__ = ["Emitted", "emit"]


@dataclass(frozen=True, slots=True)
class Emitted:
    """A model that lacks its weights, and the names of those, as in the state dict."""

    model: ModelProto
    weights: tuple[tuple[str, Shape], ...]


def emit(net: ArchGraph, options: Options, origin: str | None = None) -> Emitted:
    """Return the ONNX model of a graph; ``origin`` says where its weights come from.

    The graph's Input nodes become the inputs, its outputs the outputs; every value bears the name
    of the node that makes it. Raises ExportError for what ONNX cannot hold.
    """
    elements = ELEMENT_TYPES[options.precision]
    batch = "batch" if options.batch == "dynamic" else options.batch
    open_maps = open_nodes(net) if options.size == "dynamic" else set()

    def info(node: str, sizes: tuple[str | None, str | None]) -> ValueInfoProto:
        """Describe a value; ``sizes`` name its height and width where those are open."""
        shape: Shape = net.nodes[node]["shape"]
        extents = [shape[0], *sizes] if node in open_maps else shape
        return helper.make_tensor_value_info(node, elements, [batch, *extents])

    devices = (data["device"] for _, data in net.nodes(data=True))
    used: list[int] = sorted({device for device in devices if device is not None})
    ir_version, placed = options.version(placed=bool(used))
    nodes: list[NodeProto] = []
    inputs: list[ValueInfoProto] = []
    infos: list[ValueInfoProto] = []
    constants: list[TensorProto] = []
    weights: list[tuple[str, Shape]] = []
    names: dict[str, str] = {}
    left_out: dict[str, str] = {}
    outputs = set(net.outputs)
    for name in in_order(net):
        op, data = net.op(name), net.nodes[name]
        if isinstance(op, Input):
            names[name] = name
            prefix = f"{name}_" if inputs else ""
            inputs.append(info(name, (f"{prefix}height", f"{prefix}width")))
            continue
        sources = net.inputs_of(name)
        is_open = any(source in open_maps for source in sources)
        if name not in outputs and _does_nothing(net, name, is_open):
            names[name] = names[sources[0]]
            left_out[name] = ""
            continue
        context = Context(
            node=name,
            inputs=tuple(names[source] for source in sources),
            shapes=tuple(net.nodes[source]["shape"] for source in sources),
            shape=data["shape"],
            opset=options.opset,
            elements=elements,
            open=is_open,
            output=name,
        )
        lower(op, context)
        left_out |= {each: name for each, before in left_out.items() if not before}
        names[name] = name
        for node in context.nodes:
            describe_node(node, net, name)
            if placed and data["device"] is not None:
                place_node(node, data["device"])
        nodes += context.nodes
        for constant in context.constants:
            tensor = constant.values
            if tensor.dtype.kind == "f" and options.precision == "float16":
                tensor = tensor.astype("float16")
            constants.append(numpy_helper.from_array(tensor, constant.name))
        stored = {**op.parameters(), **op.inference_buffers()}
        weights += [(f"{name}.{key}", shape) for key, shape in stored.items()]
        if name not in outputs:
            infos.append(info(name, (None, None)))
    results = [info(name, (None, None)) for name in net.outputs]
    if not results or not nodes:
        raise ExportError(f"'{net.name}' has nothing to export.")
    if options.structure_only:
        inputs += [helper.make_tensor_value_info(key, elements, shape) for key, shape in weights]
    graph = helper.make_graph(
        nodes, net.name or "network", inputs, results, initializer=constants, value_info=infos
    )
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", options.opset)],
        producer_name="archgraph",
        producer_version=__version__,
        ir_version=ir_version,
    )
    if placed:
        declare_devices(model, used)
    describe_model(model, net, origin, left_out)
    return Emitted(model, tuple(weights))


def _does_nothing(net: ArchGraph, name: str, is_open: bool) -> bool:
    """Return whether a node passes its input on unchanged at inference."""
    op = net.op(name)
    if isinstance(op, AdaptiveAvgPool2d):
        before: Shape = net.nodes[net.inputs_of(name)[0]]["shape"]
        return not is_open and before[1:] == tuple(op.output_size)
    return isinstance(op, (Dropout, Identity))
