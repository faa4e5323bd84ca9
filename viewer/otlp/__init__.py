"""The protocol: OTLP's encodings, compressions, checks and answers, over any transport."""
