"""The source code of a span, from allowed folders, at the recorded revision."""
