"""From a graph to an ONNX model without its weights, node by node, without tracing."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

from archgraph import __version__
from archgraph.errors import ExportError
from archgraph.formats.onnx_notes import describe_model, describe_node
from archgraph.graph import ArchGraph
from archgraph.ops import AdaptiveAvgPool2d, Dropout, Identity, Input
from archgraph.parts import in_order
from archgraph.stored_tensors import tied
from archgraph.tensors import (
    Batch,
    Key,
    Stored,
    Tensor,
    at_batch,
    extent_text,
    is_known,
    node_of,
    ref_to,
)

from .context import ELEMENT_TYPES, BatchSource, Context, numpy_type
from .devices import declare_devices, in_stages, place_node
from .lowering import lower
from .options import Options
from .sizes import open_nodes

__all__ = ["Emitted", "emit"]


@dataclass(frozen=True, slots=True)
class Emitted:
    """A model that lacks its weights, and what those are, by key as in the state dict."""

    model: ModelProto
    weights: dict[str, Stored]


def emit(net: ArchGraph, options: Options, origin: str | None = None) -> Emitted:
    """Return the ONNX model of a graph; ``origin`` says where its weights come from.

    The graph's Input nodes become the inputs, its results the outputs; every value bears the name
    that it has in the graph. Raises ExportError for what ONNX cannot hold.
    """
    emitter = _Emitter(net, options)
    model = emitter.model(origin)
    return Emitted(model, emitter.weights)


@dataclass(slots=True)
class _Emitter:
    net: ArchGraph
    options: Options
    nodes: list[NodeProto] = field(default_factory=list)
    inputs: list[ValueInfoProto] = field(default_factory=list)
    infos: list[ValueInfoProto] = field(default_factory=list)
    constants: dict[str, TensorProto] = field(default_factory=dict)
    weights: dict[str, Stored] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    """What each value of the graph is called in the file."""
    left_out: dict[str, str] = field(default_factory=dict)
    open_maps: set[str] = field(default_factory=set)
    tensors: dict[str, Stored] = field(default_factory=dict)
    batch: BatchSource | None = None
    staged: bool = False

    def model(self, origin: str | None) -> ModelProto:
        """Return the whole model."""
        self.batch = self._batch()
        net, options = self.net, self.options
        if options.batch != "dynamic" and not net.batched:
            raise ExportError(
                f"batch is {options.batch}, but '{net.name}' is a network of one fixed batch."
            )
        self.open_maps = open_nodes(net) if options.size == "dynamic" else set()
        self.tensors = net.tensors
        devices = (data["device"] for _, data in net.nodes(data=True))
        used: list[int] = sorted({device for device in devices if device is not None})
        ir_version, placed = options.version(placed=bool(used))
        self.staged = placed and in_stages(net)
        for name in in_order(net):
            if isinstance(net.op(name), Input):
                self._input(name)
            else:
                self._operator(name, placed)
        results = [self._info(result) for result in net.results]
        if not results or not self.nodes:
            raise ExportError(f"'{net.name}' has nothing to export.")
        if options.structure_only:
            self.inputs += [
                helper.make_tensor_value_info(key, ELEMENT_TYPES[each.dtype], each.shape)
                for key, each in self.weights.items()
            ]
        graph = helper.make_graph(
            self.nodes,
            net.name or "network",
            self.inputs,
            results,
            initializer=list(self.constants.values()),
            value_info=self.infos,
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
        describe_model(model, net, origin, self.left_out)
        return model

    # ---- nodes ---------------------------------------------------------------------------

    def _input(self, name: str) -> None:
        self.names[name] = name
        prefix = f"{name}_" if self.inputs else ""
        self.inputs.append(self._info(name, (f"{prefix}height", f"{prefix}width")))

    def _operator(self, name: str, placed: bool) -> None:
        net = self.net
        op, data, sources = net.op(name), net.nodes[name], net.reads(name)
        results = set(net.results)
        is_open = any(node_of(source) in self.open_maps for source in sources)
        if name not in results and _does_nothing(net, name, is_open):
            self.names[name] = self._value(sources[0])
            self.left_out[name] = ""
            return
        outputs = tuple(ref_to(name, output) for output in range(len(data["outputs"])))
        context = Context(
            node=name,
            inputs=tuple(map(self._value, sources)),
            read=tuple(self._tensor(source, name) for source in sources),
            given=tuple(self._tensor(output, name) for output in outputs),
            outputs=outputs,
            opset=self.options.opset,
            open=is_open,
            keys={role: tied(net, key) for role, key in net.keys_of(name).items()},
            batch=self.batch,
        )
        lower(op if self.options.batch == "dynamic" else op.at(self.options.batch), context)
        self.left_out |= {each: name for each, before in self.left_out.items() if not before}
        self.names |= {output: output for output in outputs}
        for node in context.nodes:
            describe_node(node, net, name)
            if placed and data["device"] is not None:
                place_node(node, data["device"], staged=self.staged)
        self.nodes += context.nodes
        for constant in context.constants:
            self.constants[constant.name] = numpy_helper.from_array(constant.values, constant.name)
        for key in context.used:
            self._value(Key(key))
        self.infos += [self._info(output) for output in outputs if output not in results]

    def _value(self, source: str) -> str:
        """Return what a value is called in the file; a stored tensor is put there."""
        if type(source) is not Key:
            return self.names[source]
        key = tied(self.net, source)
        stored = self.tensors[key]
        if key in self.net:
            raise ExportError(
                f"the stored tensor '{key}' and a node bear the same name, which ONNX cannot "
                "tell apart; rename one."
            )
        if stored.kind == "constant" and stored.value is not None:
            values = np.array(stored.value, dtype=numpy_type(stored.dtype)).reshape(stored.shape)
            self.constants[key] = numpy_helper.from_array(values, key)
        else:
            self.weights[key] = stored
        return key

    # ---- shapes --------------------------------------------------------------------------

    def _tensor(self, source: str, name: str) -> Tensor:
        """Return a value's whole shape and type, at the batch of the file."""
        shape, dtype = tensor = self.net.tensor(source, name)
        if not is_known(tensor) or dtype not in ELEMENT_TYPES:
            raise ExportError(
                f"node '{name}' reads or gives a tensor whose shape or element type is not known, "
                "so it cannot be written."
            )
        if shape is None or self.options.batch == "dynamic":
            return tensor
        return Tensor(at_batch(shape, self.options.batch), dtype)

    def _batch(self) -> BatchSource | None:
        """Return the first input's extent that follows an open batch."""
        for name in self.net.sources:
            for axis, extent in enumerate(self._tensor(name, name).shape or ()):
                if type(extent) is Batch:
                    return BatchSource(name, axis, int(extent))
        return None

    def _info(
        self, value: str, sizes: tuple[str | None, str | None] = (None, None)
    ) -> ValueInfoProto:
        """Describe a value; ``sizes`` name its height and width where those are open."""
        shape, dtype = self._tensor(value, node_of(value))
        extents: list[int | str | None] = [
            _symbol(each) if type(each) is Batch else each for each in shape or ()
        ]
        if value in self.open_maps:
            extents[2:] = sizes
        return helper.make_tensor_value_info(value, ELEMENT_TYPES[dtype or "float32"], extents)


def _symbol(extent: Batch) -> str:
    """Return what the file calls an extent that follows the batch: ``batch``, ``64*batch``."""
    return "batch" if int(extent) == 1 else f"{extent_text(extent)[:-1]}*batch"


def _does_nothing(net: ArchGraph, name: str, is_open: bool) -> bool:
    """Return whether a node passes its input on unchanged at inference."""
    op = net.op(name)
    if isinstance(op, AdaptiveAvgPool2d):
        before = net.tensor(net.reads(name)[0], name).shape or ()
        return not is_open and tuple(before[2:]) == tuple(op.output_size)
    return isinstance(op, (Dropout, Identity))
