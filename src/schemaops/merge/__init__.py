"""What two lines of change come to: used through `merge`, giving `Merged` or `Conflicts`."""
