"""The doors: OTLP over HTTP and over gRPC."""
