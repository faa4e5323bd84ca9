"""What `benchmarks.overhead` measures: a module per tool, each in a process of its own.

    python -m benchmarks.overhead_of.kit

Says on standard output, as JSON, which variants there are; then answers every line
"VARIANT<tab>CALLS" with the microseconds that one call took.
"""
