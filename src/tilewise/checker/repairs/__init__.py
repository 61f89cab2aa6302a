"""Changes of source that may put a fault right, and the proof that they do: each is tried on the whole model.

Proposals are cheap guesses in a good order; only the search decides what is offered.
Nothing may be offered that was not run, and no file may be written here.
"""

from tilewise.checker.repairs.search import Repairs, repair

__all__ = ["Repairs", "repair"]
