"""The outside world, one file a counterparty; http and limits are the tools that they share."""
