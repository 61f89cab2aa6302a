"""LLVM text to running code: compiler, disk cache, loader.

Text and a target come in, the address of a function goes out; the same text is never compiled twice.
Nothing here may know what a kernel computes.
"""

from tilewise.jit.cache import DiskCache, cache_directory, disk_cache
from tilewise.jit.loader import CompileCounts, counts, function_address

__all__ = ["CompileCounts", "DiskCache", "cache_directory", "counts", "disk_cache", "function_address"]
