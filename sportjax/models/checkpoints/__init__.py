"""Other people's weights: files of tensors, declared name maps, and their way onto the devices."""
