"""The trace contract: what the demo's traces look like, and how that is checked."""
