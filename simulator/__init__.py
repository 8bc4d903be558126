"""Simulated traffic: event files that look like a real publisher's, generated from a seed.

`readership simulate --help` lists the options. The loader imports nothing from this package.
"""
