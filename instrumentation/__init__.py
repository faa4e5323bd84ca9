"""Tracing helpers to copy: one file, one concern, each whole by itself.

Choose the file for a library of yours (README.md has the table), copy it into your
project, and change it as you like. Only `tracing_setup.py` needs a second file beside
it, `span_delivery.py`. The docstring of each names the packages that it needs.
"""
