"""What the program does, for screens and commands alike."""
