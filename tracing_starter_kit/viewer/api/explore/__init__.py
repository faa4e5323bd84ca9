"""The page's own API under /api/x."""
