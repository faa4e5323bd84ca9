"""The protocol: OTLP's encodings, checks and answers, whatever the transport."""
