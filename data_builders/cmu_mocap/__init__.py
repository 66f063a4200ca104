"""CMU's motion capture: ends of bones from .asf and .amc."""
