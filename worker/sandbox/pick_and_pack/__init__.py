"""The simulated VTEX Pick and Pack: tokens, fulfilment statuses and their webhook."""
