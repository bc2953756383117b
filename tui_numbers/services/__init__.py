"""Do the program's work, for screens and commands alike."""
