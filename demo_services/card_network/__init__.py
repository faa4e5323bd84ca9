"""The card network: a third party, whose inside we cannot see.

It is not instrumented, and imports nothing of ours.
"""
