"""Benchmarks of throughput and overhead, beside a peer measured in the same run."""
