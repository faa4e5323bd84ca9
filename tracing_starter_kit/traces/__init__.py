"""A trace read from a viewer: its spans, its drawing, and the way there."""
