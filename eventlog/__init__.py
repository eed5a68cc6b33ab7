"""Where it is kept: the Kafka log and the embedded log behind one contract."""
