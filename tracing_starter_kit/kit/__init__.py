"""The command line that ties the parts together: `kit up`, `kit order`, `kit trace`.

This package may import every other part, and contains none of their logic.
Run `kit --help`, or `python -m tracing_starter_kit --help` without installing anything.
"""
