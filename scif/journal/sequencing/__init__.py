"""The sequencer: positions without a gap, the Merkle tree, signed checkpoints, publication."""
