"""What is known now: SQL tables, the functions that fill them from events, and their queries."""
