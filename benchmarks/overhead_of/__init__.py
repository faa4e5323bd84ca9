"""The tools that `benchmarks.overhead` measures: a module and a process for each.

    python -m benchmarks.overhead_of.kit

A process prints its variants as JSON on standard output. Then it answers every line
"VARIANT<tab>CALLS" with the microseconds of one call.
"""
