"""Made-up traffic: event files that look like a real publisher's days, from a seed.

``python -m simulator --help`` lists what can be asked for. Nothing here is imported by the loader.
"""
