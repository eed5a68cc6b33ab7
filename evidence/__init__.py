"""Why it can be believed: Merkle tree, checkpoints, proofs, receipts, offline verification."""
