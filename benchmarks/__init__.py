"""Throughput and overhead, always beside a peer that is measured in the same run."""
