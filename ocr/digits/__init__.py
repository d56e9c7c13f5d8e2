"""A small network that reads printed numbers: what it is trained on, its training, its use."""
