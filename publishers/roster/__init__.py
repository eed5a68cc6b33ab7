"""Real-name rosters: read, checked, reported, and turned into submissions."""
