"""The tracing starter kit: its command line, viewer, log reader and workshop.

`kit --help` lists the commands; `python -m tracing_starter_kit` is the same program.
"""
