"""Payments: charges a card at the card network, once, whatever happens between."""
