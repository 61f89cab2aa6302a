"""What runs and is wrong all the same: each a function from a run to findings, with changes that would help.

A lint must say something that a person can act on; a sound architecture written the usual way stays silent
or nearly so. Errors do not belong here.
"""

from tilewise.checker.lints.linting import lint, repair_warnings
from tilewise.checker.lints.warning import Lint

__all__ = ["Lint", "lint", "repair_warnings"]
