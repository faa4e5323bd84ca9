"""OTLP messages as rows: the columns that DuckDB inserts."""
