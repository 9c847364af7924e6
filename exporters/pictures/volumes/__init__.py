"""Volumes: activations as boxes in perspective, as in the figures of AlexNet and VGG."""

from .pages import drawings

__all__ = ["drawings"]
