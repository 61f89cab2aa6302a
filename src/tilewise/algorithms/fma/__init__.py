"""Multiply-adds of float32 and float64 vectors: any convolution, by columns of few channels, weight gradients."""
