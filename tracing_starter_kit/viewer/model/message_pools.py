"""OTLP's messages, declared in another way that is the same on the wire.

    pool = build_pool([common_pb2, trace_pb2], change)

`change` gets the declaration of each message and edits it in place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import ModuleType

from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool

Change = Callable[[DescriptorProto], None]


def build_pool(modules: Iterable[ModuleType], change: Change) -> DescriptorPool:
    """Return a pool of the modules' messages, each changed, also the nested ones.

    A module comes after those that it imports.
    """
    pool = DescriptorPool()
    for module in modules:
        file = FileDescriptorProto()
        module.DESCRIPTOR.CopyToProto(file)
        _change_all(file.message_type, change)
        pool.Add(file)
    return pool


def _change_all(messages: Iterable[DescriptorProto], change: Change) -> None:
    for message in messages:
        change(message)
        _change_all(message.nested_type, change)
