"""Small configurations of transformers: random weights, nothing is downloaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from bench.modules.vision import torchvision_models

__all__ = ["GROUPED", "HEADED", "IMAGE", "SPEECH", "TEXT", "made", "pixels"]

TEXT = {
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 128,
    "vocab_size": 100,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
"""What most configurations of language models call their sizes."""

GROUPED = {**TEXT, "num_key_value_heads": 2}
HEADED = {**GROUPED, "head_dim": 16}

IMAGE = {
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 128,
    "image_size": 64,
    "patch_size": 16,
}

SPEECH = {
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 128,
    "conv_dim": (32, 32),
    "conv_kernel": (10, 3),
    "conv_stride": (5, 2),
    "num_conv_pos_embeddings": 16,
    "num_conv_pos_embedding_groups": 4,
    "vocab_size": 32,
    "num_feat_extract_layers": 2,
}


def pixels(size: int) -> Callable[[int], Any]:
    """Return what makes a batch of images, by name."""
    return lambda batch: {"pixel_values": torch.randn(batch, 3, size, size)}


def made(model: str, config: str, settings: dict[str, Any]) -> Callable[[], torch.nn.Module]:
    """Return what builds a model from the settings of its configuration."""

    def build() -> torch.nn.Module:
        torchvision_models()
        import transformers as library

        return getattr(library, model)(getattr(library, config)(**settings))

    return build
