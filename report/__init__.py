"""What the warehouse says, on one screen: `python -m report`.

The room reads marts, exports and the loader's ledger, and writes nothing.
"""
