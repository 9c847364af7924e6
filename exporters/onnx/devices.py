"""Device placement in ONNX's multi-device fields (IR version 11): who runs what, in which stage."""

from __future__ import annotations

from onnx import (
    DeviceConfigurationProto,
    ModelProto,
    NodeDeviceConfigurationProto,
    NodeProto,
    ShardingSpecProto,
)

from archgraph.graph import ArchGraph

__all__ = ["CONFIGURATION", "declare_devices", "in_stages", "place_node"]

CONFIGURATION = "archgraph"
"""The name of the one configuration that is written."""


def declare_devices(model: ModelProto, used: list[int]) -> None:
    """Declare the devices that the graph names; their indices are those of the graph."""
    count = max(used) + 1
    names = [f"device{index}" for index in range(count)]
    model.configuration.append(
        DeviceConfigurationProto(name=CONFIGURATION, num_devices=count, device=names)
    )


def in_stages(net: ArchGraph) -> bool:
    """Return whether data only goes on from one device to a later one, as in a pipeline."""
    device = {name: data["device"] for name, data in net.nodes(data=True)}
    crossings = net.crossings()
    return bool(crossings) and all(device[here] < device[there] for here, there, _ in crossings)


def place_node(node: NodeProto, device: int, *, staged: bool) -> None:
    """Say that a node's outputs, and so its work, lie whole on one device.

    Where the devices are the stages of a pipeline, say which of them that is.
    """
    specs = [ShardingSpecProto(tensor_name=output, device=[device]) for output in node.output]
    stage = {"pipeline_stage": device} if staged else {}
    node.device_configurations.append(
        NodeDeviceConfigurationProto(configuration_id=CONFIGURATION, sharding_spec=specs, **stage)
    )
