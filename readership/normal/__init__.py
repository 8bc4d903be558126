"""Normal forms of addresses and names, shared by the loader and the service."""
