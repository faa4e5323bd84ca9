"""The card network: somebody else's system, which we cannot see into.

It is not instrumented, as a third party is not, and imports nothing of ours.
"""
