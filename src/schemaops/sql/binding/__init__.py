"""What the names in a syntax tree stand for, and the one normal form of what it means."""
