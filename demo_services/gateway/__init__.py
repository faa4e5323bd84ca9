"""The gateway: the public entry, with API keys and rate limits."""
