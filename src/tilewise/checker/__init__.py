"""What is wrong with a model, and the line that fixes it."""
