"""How it is written down: one ``.avsc`` per record, the codec, the evolution gate."""
