"""Device placement in ONNX's multi-device fields (IR version 11)."""

from __future__ import annotations

from onnx import (
    DeviceConfigurationProto,
    ModelProto,
    NodeDeviceConfigurationProto,
    NodeProto,
    ShardingSpecProto,
)

__all__ = ["CONFIGURATION", "declare_devices", "place_node"]

CONFIGURATION = "archgraph"
"""The name of the one configuration that is written."""


def declare_devices(model: ModelProto, used: list[int]) -> None:
    """Declare the devices that the graph names; their indices are those of the graph."""
    count = max(used) + 1
    names = [f"device{index}" for index in range(count)]
    model.configuration.append(
        DeviceConfigurationProto(name=CONFIGURATION, num_devices=count, device=names)
    )


def place_node(node: NodeProto, device: int) -> None:
    """Say that a node's outputs, and so its work, lie whole on one device."""
    specs = [ShardingSpecProto(tensor_name=output, device=[device]) for output in node.output]
    node.device_configurations.append(
        NodeDeviceConfigurationProto(configuration_id=CONFIGURATION, sharding_spec=specs)
    )
