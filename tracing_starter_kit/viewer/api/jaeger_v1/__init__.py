"""Jaeger's older JSON API under /api: for Grafana and other programs."""
