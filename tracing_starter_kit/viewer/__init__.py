"""The local trace backend: OTLP in, one DuckDB file, Jaeger's query API and a page out.

`viewer.app` is where its parts are put together: read that first.
"""
