"""The command line that ties the parts together: `kit up`, `kit order`, `kit trace`.

It may import every other part and holds no logic of theirs.
Run `kit --help`, or `python -m tracing_starter_kit --help` without installing anything.
"""
