"""What is kept on disk: the journal of operations and the snapshot of owned numbers."""
