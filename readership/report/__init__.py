"""A summary of the warehouse on one screen: `readership report`.

The package reads marts, exports and the loader's ledger. It writes nothing.
"""
