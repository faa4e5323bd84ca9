"""The write-ahead log: what it holds is acknowledged."""
