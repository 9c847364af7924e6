"""Networks of transformers that see, hear, or read and write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from bench.modules.entry import Entry, tokens
from bench.modules.small_configurations import IMAGE, SPEECH, TEXT, made, pixels

__all__ = ["entries"]

IMAGES: dict[str, tuple[str, str, dict[str, Any], int]] = {
    "ViT": ("ViTForImageClassification", "ViTConfig", IMAGE, 64),
    "DeiT": ("DeiTModel", "DeiTConfig", IMAGE, 64),
    "DINOv2": ("Dinov2Model", "Dinov2Config", IMAGE, 64),
    "BEiT": ("BeitModel", "BeitConfig", IMAGE | {"use_relative_position_bias": True}, 64),
    "YOLOS": (
        "YolosForObjectDetection",
        "YolosConfig",
        IMAGE | {"image_size": [64, 64], "num_detection_tokens": 5},
        64,
    ),
    "Swin, transformers": (
        "SwinModel",
        "SwinConfig",
        {
            "image_size": 64,
            "embed_dim": 24,
            "depths": [1, 1],
            "num_heads": [2, 4],
            "window_size": 4,
        },
        64,
    ),
    "Segformer": (
        "SegformerForSemanticSegmentation",
        "SegformerConfig",
        {"hidden_sizes": [16, 32, 48, 64], "depths": [1, 1, 1, 1], "decoder_hidden_size": 32},
        64,
    ),
    "ConvNeXt, transformers": (
        "ConvNextModel",
        "ConvNextConfig",
        {"hidden_sizes": [16, 32, 48, 64], "depths": [1, 1, 1, 1]},
        64,
    ),
    "PoolFormer": (
        "PoolFormerModel",
        "PoolFormerConfig",
        {"hidden_sizes": [16, 32, 48, 64], "depths": [1, 1, 1, 1]},
        64,
    ),
    "MobileViT": (
        "MobileViTModel",
        "MobileViTConfig",
        {
            "image_size": 64,
            "hidden_sizes": [32, 48, 64],
            "neck_hidden_sizes": [8, 16, 24, 32, 48, 64, 96],
        },
        64,
    ),
    "DPT": (
        "DPTForDepthEstimation",
        "DPTConfig",
        IMAGE
        | {
            "num_hidden_layers": 4,
            "backbone_out_indices": [0, 1, 2, 3],
            "neck_hidden_sizes": [16, 32, 48, 64],
            "fusion_hidden_size": 32,
        },
        64,
    ),
    "GLPN": (
        "GLPNForDepthEstimation",
        "GLPNConfig",
        {"hidden_sizes": [16, 32, 80, 64], "depths": [1, 1, 1, 1], "decoder_hidden_size": 32},
        64,
    ),
}
"""Name: model, configuration, its settings, the size of its images."""


def entries() -> Iterator[Entry]:
    """Yield the networks."""
    for name, (model, config, settings, size) in IMAGES.items():
        yield Entry(name, "transformers", made(model, config, settings), pixels(size))
    yield from _others()


def _others() -> Iterator[Entry]:
    """Yield the networks that are called with something else."""
    t5 = {
        "d_model": 64,
        "d_kv": 16,
        "d_ff": 128,
        "num_layers": 2,
        "num_heads": 4,
        "vocab_size": 100,
        "decoder_start_token_id": 0,
    }
    pairs = lambda n: {"input_ids": tokens(16)(n), "decoder_input_ids": tokens(8)(n)}  # noqa: E731
    bart = {
        "d_model": 64,
        "encoder_layers": 2,
        "decoder_layers": 2,
        "encoder_attention_heads": 4,
        "decoder_attention_heads": 4,
        "encoder_ffn_dim": 128,
        "decoder_ffn_dim": 128,
        "vocab_size": 100,
        "pad_token_id": 1,
        "eos_token_id": 2,
        "decoder_start_token_id": 2,
    }
    for name, model, config, settings in (
        ("T5", "T5ForConditionalGeneration", "T5Config", t5),
        ("MT5", "MT5ForConditionalGeneration", "MT5Config", t5),
        ("LongT5", "LongT5ForConditionalGeneration", "LongT5Config", t5 | {"local_radius": 4}),
        ("BART", "BartForConditionalGeneration", "BartConfig", bart),
        ("Pegasus", "PegasusForConditionalGeneration", "PegasusConfig", bart),
        ("Marian", "MarianMTModel", "MarianConfig", bart | {"pad_token_id": 99}),
        ("M2M100", "M2M100ForConditionalGeneration", "M2M100Config", bart),
        ("LED", "LEDForConditionalGeneration", "LEDConfig", bart | {"attention_window": 8}),
    ):
        yield Entry(name, "transformers", made(model, config, settings), pairs)
    towers = {
        "text_config": TEXT,
        "vision_config": IMAGE,
        "projection_dim": 32,
    }
    both = lambda n: {"input_ids": tokens(12)(n), "pixel_values": torch.randn(n, 3, 64, 64)}  # noqa: E731
    for name, model, config, settings in (
        ("CLIP", "CLIPModel", "CLIPConfig", towers),
        (
            "SigLIP",
            "SiglipModel",
            "SiglipConfig",
            {k: v for k, v in towers.items() if k != "projection_dim"},
        ),
        ("CLIPSeg", "CLIPSegModel", "CLIPSegConfig", towers),
        ("ViLT", "ViltModel", "ViltConfig", TEXT | IMAGE),
        (
            "FLAVA",
            "FlavaModel",
            "FlavaConfig",
            {"text_config": TEXT, "image_config": IMAGE, "multimodal_config": IMAGE},
        ),
        (
            "BLIP",
            "BlipModel",
            "BlipConfig",
            towers | {"text_config": TEXT | {"projection_dim": 32, "encoder_hidden_size": 64}},
        ),
    ):
        yield Entry(name, "transformers", made(model, config, settings), both)
    whisper = {
        "d_model": 64,
        "encoder_layers": 2,
        "decoder_layers": 2,
        "encoder_attention_heads": 4,
        "decoder_attention_heads": 4,
        "encoder_ffn_dim": 128,
        "decoder_ffn_dim": 128,
        "vocab_size": 100,
        "num_mel_bins": 80,
        "max_source_positions": 100,
        "pad_token_id": 0,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "decoder_start_token_id": 1,
    }
    yield Entry(
        "Whisper",
        "transformers",
        made("WhisperForConditionalGeneration", "WhisperConfig", whisper),
        lambda n: {"input_features": torch.randn(n, 80, 200), "decoder_input_ids": tokens(8)(n)},
    )
    waves = lambda n: {"input_values": torch.randn(n, 1600)}  # noqa: E731
    for name, model, config in (
        ("Wav2Vec2", "Wav2Vec2ForCTC", "Wav2Vec2Config"),
        ("HuBERT", "HubertModel", "HubertConfig"),
        ("WavLM", "WavLMModel", "WavLMConfig"),
        ("data2vec audio", "Data2VecAudioModel", "Data2VecAudioConfig"),
        ("SEW", "SEWModel", "SEWConfig"),
    ):
        more = {"squeeze_factor": 2} if name == "SEW" else {}
        yield Entry(name, "transformers", made(model, config, SPEECH | more), waves)
    yield Entry(
        "audio spectrogram transformer",
        "transformers",
        made(
            "ASTModel",
            "ASTConfig",
            {k: v for k, v in IMAGE.items() if k != "image_size"}
            | {"max_length": 64, "num_mel_bins": 32},
        ),
        lambda n: {"input_values": torch.randn(n, 64, 32)},
    )
    yield Entry(
        "EnCodec",
        "transformers",
        made(
            "EncodecModel",
            "EncodecConfig",
            {
                "num_filters": 4,
                "hidden_size": 16,
                "codebook_size": 32,
                "codebook_dim": 16,
                "upsampling_ratios": [4, 2],
            },
        ),
        lambda n: {"input_values": torch.randn(n, 1, 640)},
        why="two LSTMs of 80 steps: the counter skips them with numbers",
        skipped=lambda m, n: (
            n
            * 80
            * sum(
                p.numel() for k, p in m.named_parameters() if "weight_ih" in k or "weight_hh" in k
            )
        ),
    )
    yield Entry(
        "VITS",
        "transformers",
        made(
            "VitsModel",
            "VitsConfig",
            {
                "vocab_size": 100,
                "hidden_size": 32,
                "num_hidden_layers": 2,
                "ffn_dim": 64,
                "flow_size": 32,
                "spectrogram_bins": 33,
                "upsample_initial_channel": 32,
                "prior_encoder_num_wavenet_layers": 2,
                "use_stochastic_duration_prediction": False,
            },
        ),
        lambda n: {"input_ids": torch.arange(3, 19).expand(n, 16).contiguous()},
    )
    yield Entry(
        "VideoMAE",
        "transformers",
        made("VideoMAEModel", "VideoMAEConfig", IMAGE | {"num_frames": 4}),
        lambda n: {"pixel_values": torch.randn(n, 4, 3, 64, 64)},
    )
    yield Entry(
        "TimeSformer",
        "transformers",
        made("TimesformerModel", "TimesformerConfig", IMAGE | {"num_frames": 4}),
        lambda n: {"pixel_values": torch.randn(n, 4, 3, 64, 64)},
    )
    yield Entry(
        "Perceiver",
        "transformers",
        made(
            "PerceiverModel",
            "PerceiverConfig",
            {
                "num_latents": 8,
                "d_latents": 32,
                "d_model": 64,
                "num_blocks": 1,
                "num_self_attends_per_block": 2,
                "num_self_attention_heads": 4,
                "num_cross_attention_heads": 4,
            },
        ),
        lambda n: {"inputs": torch.randn(n, 16, 64)},
    )
    yield Entry(
        "decision transformer",
        "transformers",
        made(
            "DecisionTransformerModel",
            "DecisionTransformerConfig",
            {
                "state_dim": 5,
                "act_dim": 3,
                "hidden_size": 64,
                "n_layer": 2,
                "n_head": 4,
                "max_ep_len": 32,
            },
        ),
        lambda n: {
            "states": torch.randn(n, 6, 5),
            "actions": torch.randn(n, 6, 3),
            "rewards": torch.randn(n, 6, 1),
            "returns_to_go": torch.randn(n, 6, 1),
            "timesteps": torch.arange(6).expand(n, 6).contiguous(),
            "attention_mask": torch.ones(n, 6, dtype=torch.int64),
        },
    )
    yield Entry(
        "PatchTST",
        "transformers",
        made(
            "PatchTSTModel",
            "PatchTSTConfig",
            {
                "num_input_channels": 2,
                "context_length": 32,
                "patch_length": 8,
                "patch_stride": 8,
                "d_model": 32,
                "num_hidden_layers": 2,
                "num_attention_heads": 4,
                "ffn_dim": 64,
            },
        ),
        lambda n: {"past_values": torch.randn(n, 32, 2)},
    )
    layout = TEXT | {"max_2d_position_embeddings": 64}
    yield Entry(
        "LayoutLM",
        "transformers",
        made("LayoutLMModel", "LayoutLMConfig", layout),
        lambda n: {
            "input_ids": tokens(16)(n),
            "bbox": torch.randint(0, 60, (n, 16, 1)).expand(n, 16, 4).contiguous(),
        },
    )
    yield Entry(
        "SAM image encoder",
        "transformers",
        made(
            "SamVisionModel",
            "SamVisionConfig",
            {
                "hidden_size": 64,
                "num_hidden_layers": 2,
                "num_attention_heads": 4,
                "image_size": 64,
                "patch_size": 8,
                "output_channels": 32,
                "window_size": 4,
                "global_attn_indexes": [1],
                "mlp_dim": 128,
            },
        ),
        pixels(64),
    )
