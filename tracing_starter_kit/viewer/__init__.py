"""The local trace backend: OTLP in, one DuckDB file, Jaeger's query API and a page out.

`viewer.app` puts its parts together: read that first.
"""
