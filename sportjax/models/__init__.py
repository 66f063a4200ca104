"""One model family per file: config, presets, module, load."""
