"""Event files into the warehouse: every line once, nothing lost, nothing interpreted."""
