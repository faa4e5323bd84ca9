"""Payments: charges a card at the card network, exactly once."""
