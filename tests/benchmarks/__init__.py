"""Measured against peers and floors, in one run, as ratios: `make bench` prints the tables."""
