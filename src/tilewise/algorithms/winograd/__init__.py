"""Winograd's transforms around products: fewer multiply-adds for filters of two and more taps."""
