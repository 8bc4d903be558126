"""What the documentation site is built with; the pages themselves are in docs/."""
