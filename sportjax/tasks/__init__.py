"""One file per trainable task."""
