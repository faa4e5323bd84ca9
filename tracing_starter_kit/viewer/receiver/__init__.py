"""The receiver: OTLP over HTTP and over gRPC."""
