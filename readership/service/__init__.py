"""The answers of the exports over HTTP, as the analytics API gives them, from a snapshot."""
