"""The pure part: what is true of tasks whatever stores them or moves them. Standard library only."""
