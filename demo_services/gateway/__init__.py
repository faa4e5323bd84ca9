"""The gateway: the one door, which knows who asks and how often they may."""
