"""The one form in which addresses and names are kept, for the loader and the service alike."""
