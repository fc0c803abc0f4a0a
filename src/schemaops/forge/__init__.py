"""Where changes are reviewed, one file a forge, all behind `base`."""
