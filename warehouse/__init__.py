"""The warehouse file: where it is, opening it, and what its errors mean."""
