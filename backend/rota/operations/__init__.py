"""What happens when: one file a noun, one function a verb; commits, then tells."""
