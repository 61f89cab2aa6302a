"""LLVM text from a small builder, and one function for each instruction that LLVM has no plain form of.

A kernel is built here as text and checked before LLVM sees it; what to build is decided in `algorithms`.
Nothing here may compile, load or run anything, or know what a convolution is.
"""

from tilewise.ir.builder import Builder, Loop, Value
from tilewise.ir.vectors import Vectors

__all__ = ["Builder", "Loop", "Value", "Vectors"]
