"""What was decided: submission bytes and state → verdict bytes. Pure: no clock, no chance, no I/O."""
