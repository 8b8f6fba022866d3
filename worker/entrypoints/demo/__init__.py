"""`coleta demo`: real orders through real processes on a simulated SkyHub, judged by what that SkyHub saw."""
