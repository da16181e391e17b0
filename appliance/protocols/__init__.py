"""Bytes to events and back. Each protocol stands alone; none knows what a call is to Linghe."""
