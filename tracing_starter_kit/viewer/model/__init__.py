"""The data model: attribute values, and OTLP requests as the viewer parses them."""
