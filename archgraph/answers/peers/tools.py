"""The tools: what each calls its number, how it is asked, and the rules that explain it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from math import prod
from pathlib import Path
from types import ModuleType
from typing import Any

from archgraph.answers.peers import rules
from archgraph.answers.peers.ptflops_rules import PTFLOPS, PTFLOPS_ATEN
from archgraph.answers.peers.rules import Rule
from archgraph.errors import UnknownNameError
from archgraph.nearest import nearest

__all__ = ["TOOLS", "Call", "File", "Told", "Tool", "tools_named"]


@dataclass(frozen=True, slots=True)
class Call:
    """A module of PyTorch and what it is called with, for one example."""

    module: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    @property
    def plain(self) -> tuple[Any, tuple[Any, ...]]:
        """The module and tensors that it takes, for tools that know no other arguments."""
        from torch import Tensor

        if not self.kwargs and all(isinstance(each, Tensor) for each in self.args):
            return self.module, self.args
        return _on_tensors(self)


@dataclass(frozen=True, slots=True)
class File:
    """An ONNX file, and by the names of its inputs their shapes and types, for one example."""

    path: Path
    inputs: dict[str, tuple[tuple[int, ...], str]]


@dataclass(frozen=True, slots=True)
class Told:
    """A tool's number, and what it says itself of its parts that are no multiply-adds of layers."""

    number: float
    because: dict[str, int]


@dataclass(frozen=True, slots=True)
class Tool:
    """One way to ask one tool.

    ``unit`` is its own word for its number, ``per_mac`` how many of it a multiply-add is. ``ask``
    takes a Call, or a File where ``of_file``, and gives its number or what it Told. A tool that
    ``patches`` leaves changes in torch and is asked only in a process that ends.
    """

    name: str
    package: str
    unit: str
    per_mac: int
    ask: Callable[[Any], Any]
    rules: tuple[Rule, ...]
    about: str = ""
    of_file: bool = False
    patches: bool = False
    usual: bool = True

    @property
    def version(self) -> str | None:
        """The version that is installed, or None."""
        try:
            return version(self.package)
        except PackageNotFoundError:
            return None


def _on_tensors(call: Call) -> tuple[Any, tuple[Any, ...]]:
    """Return a module that takes a call's tensors alone, and gives some alone; and those."""
    import torch
    from torch.utils import _pytree as pytree

    leaves, spec = pytree.tree_flatten((call.args, call.kwargs))
    places = [n for n, each in enumerate(leaves) if isinstance(each, torch.Tensor)]

    class OnTensors(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.module = call.module

        def forward(self, *tensors: Any) -> Any:
            filled = list(leaves)
            for place, tensor in zip(places, tensors, strict=True):
                filled[place] = tensor
            args, kwargs = pytree.tree_unflatten(filled, spec)
            given = pytree.tree_leaves(self.module(*args, **kwargs))
            return tuple(each for each in given if isinstance(each, torch.Tensor))

    return OnTensors(), tuple(leaves[place] for place in places)


def _torch(*, grad: bool = True, math: bool = False, device: str = "") -> Callable[[Call], float]:
    def ask(call: Call) -> float:
        import torch
        from torch.nn.attention import SDPBackend, sdpa_kernel
        from torch.utils import _pytree as pytree
        from torch.utils.flop_counter import FlopCounterMode

        module, args, kwargs = call.module, call.args, call.kwargs
        counter = FlopCounterMode(display=False)
        if device:
            args, kwargs = pytree.tree_map_only(
                torch.Tensor, lambda each: each.to(device), (args, kwargs)
            )
            module = module.to(device)
        plain = sdpa_kernel(SDPBackend.MATH) if math else nullcontext()
        with torch.set_grad_enabled(grad), plain, counter:
            module(*args, **kwargs)
        return counter.get_total_flops()

    return ask


def _fvcore(call: Call) -> float:
    from fvcore.nn import FlopCountAnalysis

    module, tensors = _on_tensors(call)  # a trace gives tensors, and nothing else
    found: float = FlopCountAnalysis(module, tensors).total()
    return found


def _thop(call: Call) -> float:
    import thop

    module, tensors = call.plain
    found: float = thop.profile(module, tensors, verbose=False)[0]
    return found


def _torchinfo(call: Call) -> float:
    import torchinfo

    module, tensors = call.plain
    found: float = torchinfo.summary(module, input_data=tensors, verbose=0).total_mult_adds
    return found


def _ptflops(backend: str) -> Callable[[Call], float]:
    def ask(call: Call) -> float:
        _with_torchvision()
        from ptflops import get_model_complexity_info
        from torch import nn

        module, tensors = call.plain

        class OnOne(nn.Module):
            """It gives one argument, or keywords."""

            def __init__(self) -> None:
                super().__init__()
                self.module = module

            def forward(self, tensors: Any) -> Any:
                return self.module(*tensors)

        found, _ = get_model_complexity_info(
            module if len(tensors) == 1 else OnOne(),
            (1,),
            print_per_layer_stat=False,
            as_strings=False,
            input_constructor=lambda _: tensors[0] if len(tensors) == 1 else {"tensors": tensors},
            backend=backend,
        )
        if found is None:
            raise RuntimeError("it could not run the module")
        return float(found)

    return ask


def _calflops(call: Call) -> float:
    _with_torchvision()
    from calflops import calculate_flops

    found = calculate_flops(
        call.module,
        args=list(call.args),
        kwargs=call.kwargs,
        print_results=False,
        output_as_string=False,
    )
    return float(found[1])


def _with_torchvision() -> None:
    """Let torchvision be imported, whose operators need not be of this build of torch.

    Two tools import it and use none of them.
    """
    try:
        import torchvision  # noqa: F401
    except (ImportError, RuntimeError):
        for name in [each for each in sys.modules if each.partition(".")[0] == "torchvision"]:
            del sys.modules[name]
        registrations = "torchvision._meta_registrations"
        sys.modules[registrations] = ModuleType(registrations)


PRODUCTS = ("Conv", "ConvTranspose", "Einsum", "Gemm", "GRU", "LSTM", "MatMul", "RNN")
"""Kinds of nodes of ONNX that multiply and add; Conv and Gemm do so with a bias or without."""


def _onnx_tool(asked: File) -> Told:
    """Ask onnx-tool, which tells of each node what it counts there."""
    import numpy
    import onnx_tool

    graph = onnx_tool.Model(str(asked.path)).graph
    graph.shape_infer(
        {name: numpy.zeros(shape, dtype) for name, (shape, dtype) in asked.inputs.items()}
    )
    graph.profile()
    because: dict[str, int] = {}
    for node in graph.nodemap.values():
        made = int(sum(node.macs))
        words = f"{node.op_type} counted"
        if node.op_type in PRODUCTS:
            biased = node.op_type in ("Conv", "Gemm") and len(node.input) > 2
            words, made = "biases of Conv and Gemm added", prod(node.outshape) if biased else 0
        if made:
            because[words] = because.get(words, 0) + made
    return Told(int(sum(graph.macs)), because)


TOOLS = (
    Tool("torch", "torch", "FLOPs", 2, _torch(), rules.TORCH,
         "torch.utils.flop_counter as it comes"),
    Tool("torch-no-grad", "torch", "FLOPs", 2, _torch(grad=False), rules.TORCH_NO_GRAD,
         "the same under torch.no_grad()", usual=False),
    Tool("torch-math", "torch", "FLOPs", 2, _torch(math=True), rules.TORCH_MATH,
         "the same with sdpa_kernel(SDPBackend.MATH): attention as plain products"),
    Tool("torch-meta", "torch", "FLOPs", 2, _torch(math=True, device="meta"), rules.TORCH_META,
         "the same on the meta device, where an LSTM is taken apart", usual=False),
    Tool("fvcore", "fvcore", "FLOPs", 1, _fvcore, rules.FVCORE, "FlopCountAnalysis"),
    Tool("thop", "thop", "MACs", 1, _thop, rules.THOP, "profile"),
    Tool("torchinfo", "torchinfo", "mult-adds", 1, _torchinfo, rules.TORCHINFO, "summary"),
    Tool("ptflops", "ptflops", "MACs", 1, _ptflops("pytorch"), PTFLOPS,
         "get_model_complexity_info", patches=True),
    Tool("ptflops-aten", "ptflops", "MACs", 1, _ptflops("aten"), PTFLOPS_ATEN,
         'the same with backend="aten"', patches=True, usual=False),
    Tool("calflops", "calflops", "MACs", 1, _calflops, rules.CALFLOPS, "calculate_flops",
         patches=True),
    Tool("onnx-tool", "onnx-tool", "MACs", 1, _onnx_tool, (), "Model.graph.profile",
         of_file=True),
)  # fmt: skip
"""Every way that was tried, torch's own first; ``usual`` are those that are asked unless named."""


def tools_named(names: Sequence[str] | None) -> list[Tool]:
    """Return the tools of these names, by default the usual ones.

    Raises UnknownNameError naming all.
    """
    if names is None:
        return [tool for tool in TOOLS if tool.usual]
    by_name = {tool.name: tool for tool in TOOLS}
    for name in names:
        if name not in by_name:
            raise UnknownNameError(
                f"there is no counter '{name}'{nearest(name, by_name)}; there are "
                f"{', '.join(by_name)}."
            )
    return [by_name[name] for name in dict.fromkeys(names)]
