"""The source code beside a span, from allowed folders, at the recorded revision."""
