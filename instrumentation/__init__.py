"""Tracing helpers to copy: one file, one concern, none imports another.

Take the files for the libraries you use (README.md has the table), put them into your
project, and change them as you like. Each needs the OpenTelemetry API and SDK and
the framework that it traces.
"""
