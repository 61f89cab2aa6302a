"""Grouped and depthwise layers: rows of the image, or channels, in the vectors."""
