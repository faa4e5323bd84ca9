"""Answers over HTTP: Jaeger's two query APIs, the page's own, and the page itself."""
