"""Networks of transformers on an encoder or backbone of another kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch

from bench.modules.entry import Entry, tokens
from bench.modules.small_configurations import IMAGE, pixels
from bench.modules.vision import torchvision_models

__all__ = ["entries"]


def entries() -> Iterator[Entry]:
    """Yield the networks."""
    detr = {
        "use_timm_backbone": False,
        "use_pretrained_backbone": False,
        "d_model": 32,
        "encoder_layers": 1,
        "decoder_layers": 1,
        "encoder_attention_heads": 4,
        "decoder_attention_heads": 4,
        "encoder_ffn_dim": 64,
        "decoder_ffn_dim": 64,
        "num_queries": 10,
    }
    yield Entry(
        "DETR", "transformers", _detr("DetrForObjectDetection", "DetrConfig", detr), pixels(64)
    )
    yield Entry(
        "conditional DETR",
        "transformers",
        _detr("ConditionalDetrForObjectDetection", "ConditionalDetrConfig", detr),
        pixels(64),
    )
    yield Entry("MaskFormer", "transformers", _maskformer(), pixels(64))
    yield Entry(
        "TrOCR decoder on ViT",
        "transformers",
        _vision_encoder_decoder(),
        lambda n: {"pixel_values": torch.randn(n, 3, 64, 64), "decoder_input_ids": tokens(8)(n)},
    )


def _detr(model: str, config: str, settings: dict[str, Any]) -> Callable[[], torch.nn.Module]:
    def build() -> torch.nn.Module:
        torchvision_models()
        import transformers as library

        backbone = library.ResNetConfig(
            embedding_size=16,
            hidden_sizes=[16, 24, 32, 48],
            depths=[1, 1, 1, 1],
            out_features=["stage4"],
        )
        return getattr(library, model)(
            getattr(library, config)(backbone_config=backbone, **settings)
        )

    return build


def _maskformer() -> Callable[[], torch.nn.Module]:
    def build() -> torch.nn.Module:
        torchvision_models()
        import transformers as library

        stages = ["stage1", "stage2", "stage3", "stage4"]
        backbone = library.SwinConfig(
            image_size=64,
            embed_dim=16,
            depths=[1, 1, 1, 1],
            num_heads=[2, 2, 4, 4],
            window_size=4,
            out_features=stages,
        )
        decoder = library.DetrConfig(
            d_model=32,
            decoder_layers=2,
            encoder_layers=1,
            encoder_attention_heads=4,
            decoder_attention_heads=4,
            decoder_ffn_dim=64,
            num_queries=10,
        )
        config = library.MaskFormerConfig(
            backbone_config=backbone,
            decoder_config=decoder,
            fpn_feature_size=32,
            mask_feature_size=32,
        )
        return library.MaskFormerForInstanceSegmentation(config)

    return build


def _vision_encoder_decoder() -> Callable[[], torch.nn.Module]:
    def build() -> torch.nn.Module:
        torchvision_models()
        import transformers as library

        decoder = library.TrOCRConfig(
            d_model=64,
            decoder_layers=2,
            decoder_attention_heads=4,
            decoder_ffn_dim=128,
            vocab_size=100,
            cross_attention_hidden_size=64,
        )
        config = library.VisionEncoderDecoderConfig.from_encoder_decoder_configs(
            library.ViTConfig(**IMAGE), decoder
        )
        return library.VisionEncoderDecoderModel(config)

    return build
