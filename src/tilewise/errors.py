"""One family of exceptions, so that a caller can catch everything of Tilewise's with one name.

What PyTorch itself would refuse is refused by PyTorch, with its own exception and message: those calls are
handed back to PyTorch's kernels. The classes here are for what PyTorch has no words for.
"""


class TilewiseError(Exception):
    """The base of every exception that Tilewise raises itself."""


class ArgumentError(TilewiseError, ValueError):
    """An argument of a Tilewise function is unusable; the message names it, its value and what is accepted."""


class CompilationError(TilewiseError, RuntimeError):
    """LLVM refused or could not load generated code: a fault of Tilewise, never of the caller."""


class VerificationError(TilewiseError, RuntimeError):
    """A generated kernel broke a rule of its target (registers, tiles, alignment) before LLVM saw it."""
