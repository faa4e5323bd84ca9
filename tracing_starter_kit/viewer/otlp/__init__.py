"""The OTLP protocol: encodings, checks and answers, the same over HTTP and gRPC."""
