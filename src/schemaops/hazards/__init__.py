"""What an operation risks on a dialect: used through `assess`; one rule a file in `rules`."""
