"""What several algorithms are made of: the plan, register tiles, panels, padded copies, limits, rounds."""
