"""Positions of planes in vector lanes; filters are read from the weight tensor as it lies."""
