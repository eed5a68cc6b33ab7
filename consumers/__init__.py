"""What runs on the log: the loops of admission and of the projector."""
