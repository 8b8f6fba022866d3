"""The simulated SkyHub: orders, the two pickup lists and confirmations."""
