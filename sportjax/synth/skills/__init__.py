"""The sports: one module each, with `CLASSES` and `perform`."""
