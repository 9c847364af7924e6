"""The tools: what each calls its number, how it is asked, and the rules that explain it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from archgraph.counters import rules
from archgraph.counters.rules import Rule
from bench.modules.vision import torchvision_models

__all__ = ["TOOLS", "Tool"]

Ask = Callable[[nn.Module, Tensor], float]
"""Asks a tool about a module that is called with one tensor."""


@dataclass(frozen=True)
class Tool:
    """One way to ask one tool: ``unit`` is its own word, ``per_mac`` how many of it a MAC is."""

    name: str
    package: str
    unit: str
    per_mac: int
    ask: Ask
    rules: tuple[Rule, ...]

    @property
    def version(self) -> str | None:
        """The version that is installed, or None."""
        try:
            return version(self.package)
        except PackageNotFoundError:
            return None


def _torch(*, grad: bool = True, math: bool = False, device: str = "") -> Ask:
    def ask(module: nn.Module, example: Tensor) -> float:
        counter = FlopCounterMode(display=False)
        if device:
            module, example = module.to(device), example.to(device)
        plain = sdpa_kernel(SDPBackend.MATH) if math else nullcontext()
        with torch.set_grad_enabled(grad), plain, counter:
            module(example)
        return counter.get_total_flops()

    return ask


def _fvcore(module: nn.Module, example: Tensor) -> float:
    from fvcore.nn import FlopCountAnalysis

    return FlopCountAnalysis(module, (example,)).total()


def _thop(module: nn.Module, example: Tensor) -> float:
    import thop

    return thop.profile(module, (example,), verbose=False)[0]


def _torchinfo(module: nn.Module, example: Tensor) -> float:
    import torchinfo

    return torchinfo.summary(module, input_data=example, verbose=0).total_mult_adds


def _ptflops(backend: str) -> Ask:
    def ask(module: nn.Module, example: Tensor) -> float:
        torchvision_models()  # it imports torchvision
        from ptflops import get_model_complexity_info

        found, _ = get_model_complexity_info(
            module,
            (1,),
            print_per_layer_stat=False,
            as_strings=False,
            input_constructor=lambda _: example,
            backend=backend,
        )
        if found is None:
            raise RuntimeError("ptflops could not run it")
        return found

    return ask


def _calflops(module: nn.Module, example: Tensor) -> float:
    torchvision_models()  # it imports torchvision
    from calflops import calculate_flops

    found = calculate_flops(module, args=[example], print_results=False, output_as_string=False)
    return found[1]


TOOLS = (
    Tool("torch's counter, as it comes", "torch", "FLOPs", 2, _torch(), rules.TORCH),
    Tool("torch's counter, `no_grad`", "torch", "FLOPs", 2, _torch(grad=False),
         rules.TORCH_NO_GRAD),
    Tool("torch's counter, `MATH`", "torch", "FLOPs", 2, _torch(math=True), rules.TORCH_MATH),
    Tool("torch's counter, `MATH`, meta device", "torch", "FLOPs", 2,
         _torch(math=True, device="meta"), rules.TORCH_META),
    Tool("fvcore", "fvcore", "FLOPs", 1, _fvcore, rules.FVCORE),
    Tool("thop", "thop", "MACs", 1, _thop, rules.THOP),
    Tool("torchinfo", "torchinfo", "mult-adds", 1, _torchinfo, rules.TORCHINFO),
    Tool("ptflops", "ptflops", "MACs", 1, _ptflops("pytorch"), rules.PTFLOPS),
    Tool("ptflops, `aten`", "ptflops", "MACs", 1, _ptflops("aten"), rules.PTFLOPS_ATEN),
    Tool("calflops", "calflops", "MACs", 1, _calflops, rules.CALFLOPS),
)  # fmt: skip
"""Every way that was tried, torch's own first."""
