"""The trace contract: the shape of the demo's traces, and its comparison with them."""
