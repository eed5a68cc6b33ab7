"""Measurements: every claim of speed in this project comes from here, as a ratio in one run."""
