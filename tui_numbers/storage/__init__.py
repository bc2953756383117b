"""Keep the journal of operations and the snapshot of owned numbers on disk."""
