"""The data: what a span, a log record and an attribute are to the viewer."""
