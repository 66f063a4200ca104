"""TFDS builders, one folder each, in TFDS's own layout; `python -m data_builders` builds them."""
