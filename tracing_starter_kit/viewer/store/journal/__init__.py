"""The write-ahead log: a request is acknowledged once it is in it."""
