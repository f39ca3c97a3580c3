"""What an operator writes down, as he writes it."""
