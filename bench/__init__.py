"""Measurements against bars: `make bench-...`."""
