"""Benchmarks with bars that figures must meet: `make bench-...`."""
