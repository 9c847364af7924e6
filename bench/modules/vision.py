"""torchvision's networks of every family, timm's and segmentation-models-pytorch's."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import torch

from bench.modules.entry import Entry, images

__all__ = ["entries"]

CLASSIFICATION = {
    "alexnet": 224,
    "resnet18": 224,
    "resnet50": 224,
    "resnext50_32x4d": 224,
    "wide_resnet50_2": 224,
    "vgg16_bn": 224,
    "densenet121": 224,
    "mobilenet_v2": 224,
    "mobilenet_v3_large": 224,
    "efficientnet_b0": 224,
    "efficientnet_v2_s": 224,
    "convnext_tiny": 224,
    "regnet_y_400mf": 224,
    "regnet_x_400mf": 224,
    "mnasnet1_0": 224,
    "shufflenet_v2_x1_0": 224,
    "squeezenet1_1": 224,
    "inception_v3": 299,
    "googlenet": 224,
    "vit_b_16": 224,
    "swin_t": 224,
    "swin_v2_t": 224,
    "maxvit_t": 224,
}
"""torchvision's classification networks and the size of their images."""

SEGMENTATION = ("fcn_resnet50", "deeplabv3_mobilenet_v3_large", "lraspp_mobilenet_v3_large")

VIDEO = {
    "r3d_18": (3, 8, 64, 64),
    "mc3_18": (3, 8, 64, 64),
    "r2plus1d_18": (3, 8, 64, 64),
    "s3d": (3, 16, 224, 224),
    "mvit_v2_s": (3, 16, 224, 224),
    "swin3d_t": (3, 8, 64, 64),
}

TIMM = {
    "resnetv2_50": 224,
    "resnest14d": 224,
    "res2net50_26w_4s": 224,
    "seresnet50": 224,
    "ecaresnet26t": 224,
    "skresnet18": 224,
    "cspdarknet53": 224,
    "dla34": 224,
    "dpn68": 224,
    "ghostnet_100": 224,
    "hrnet_w18_small": 224,
    "repvgg_a0": 224,
    "nfnet_f0": 192,
    "tf_efficientnet_b0": 224,
    "convnextv2_atto": 224,
    "deit_tiny_patch16_224": 224,
    "beit_base_patch16_224": 224,
    "cait_xxs24_224": 224,
    "coat_lite_tiny": 224,
    "coatnet_0_rw_224": 224,
    "crossvit_tiny_240": 240,
    "davit_tiny": 224,
    "edgenext_xx_small": 224,
    "efficientformer_l1": 224,
    "eva02_tiny_patch14_224": 224,
    "fastvit_t8": 256,
    "focalnet_tiny_srf": 224,
    "gcvit_xxtiny": 224,
    "halonet26t": 256,
    "hiera_tiny_224": 224,
    "levit_128s": 224,
    "mixer_s16_224": 224,
    "gmlp_s16_224": 224,
    "mobilevit_xxs": 256,
    "mobileone_s0": 224,
    "pit_ti_224": 224,
    "poolformer_s12": 224,
    "pvt_v2_b0": 224,
    "regnety_002": 224,
    "sequencer2d_s": 224,
    "twins_svt_small": 224,
    "visformer_tiny": 224,
    "volo_d1_224": 224,
    "xcit_nano_12_p16_224": 224,
}
"""timm's networks and the size of their images."""

SEGMENTATION_MODELS = {
    "Unet": "resnet18",
    "UnetPlusPlus": "resnet18",
    "MAnet": "resnet18",
    "Linknet": "resnet18",
    "FPN": "efficientnet-b0",
    "PSPNet": "resnet18",
    "PAN": "resnet18",
    "DeepLabV3": "resnet18",
    "DeepLabV3Plus": "mobilenet_v2",
    "UPerNet": "resnet18",
    "Segformer": "mit_b0",
    "DPT": "tu-vit_tiny_patch16_224",
}
"""The decoders of segmentation-models-pytorch, each on an encoder."""


def torchvision_models() -> Any:
    """Return torchvision's models; its compiled operators need another build of torch."""
    sys.modules.setdefault(
        "torchvision._meta_registrations", ModuleType("torchvision._meta_registrations")
    )
    import torchvision

    return torchvision.models


def entries() -> Iterator[Entry]:
    """Yield the networks of images."""
    for name, size in CLASSIFICATION.items():
        yield Entry(name, "torchvision", _torchvision(name), images(3, size, size))
    for name in SEGMENTATION:
        yield Entry(name, "torchvision", _segmentation(name), images(3, 128, 128))
    yield Entry("retinanet_resnet50_fpn", "torchvision", _detector, _pictures)
    for name, shape in VIDEO.items():
        yield Entry(name, "torchvision", _video(name), images(*shape))
    for name, size in TIMM.items():
        yield Entry(name, "timm", _timm(name), images(3, size, size))
    for name, encoder in SEGMENTATION_MODELS.items():
        size = 224 if name == "DPT" else 128
        made = _segmentation_model(name, encoder)
        yield Entry(f"{name} on {encoder}", "segmentation-models", made, images(3, size, size))


def _detector() -> torch.nn.Module:
    made = torchvision_models().get_model
    return made(
        "retinanet_resnet50_fpn", weights=None, weights_backbone=None, min_size=64, max_size=64
    )


def _pictures(batch: int) -> tuple[list[torch.Tensor]]:
    return ([torch.rand(3, 64, 64) for _ in range(batch)],)


def _torchvision(name: str) -> Callable[[], torch.nn.Module]:
    more = {"init_weights": False} if name in ("inception_v3", "googlenet") else {}
    return lambda: torchvision_models().get_model(name, weights=None, **more)


def _segmentation(name: str) -> Callable[[], torch.nn.Module]:
    return lambda: torchvision_models().get_model(name, weights=None, weights_backbone=None)


def _video(name: str) -> Callable[[], torch.nn.Module]:
    def made() -> torch.nn.Module:
        return torchvision_models().get_model(name, weights=None)

    return made


def _timm(name: str) -> Callable[[], torch.nn.Module]:
    def made() -> torch.nn.Module:
        torchvision_models()
        import timm

        return timm.create_model(name, pretrained=False)

    return made


def _segmentation_model(name: str, encoder: str) -> Callable[[], torch.nn.Module]:
    def made() -> torch.nn.Module:
        torchvision_models()
        import segmentation_models_pytorch as library

        return getattr(library, name)(encoder_name=encoder, encoder_weights=None, classes=4)

    return made
