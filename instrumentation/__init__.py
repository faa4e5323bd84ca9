"""Tracing helpers to copy: one file, one concern, none imports another.

Take the file that fits what you use (README.md has the table), put it into your
project, and change it as you like. Each needs the OpenTelemetry API and SDK and
the one framework that it is for.
"""
