"""Send OTLP: to an endpoint as protobuf, or to a file as JSON lines."""
