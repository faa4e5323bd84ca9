"""Jaeger's query API under /api/v3."""
