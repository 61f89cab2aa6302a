"""Choices by measurement: `tilewise.tune` times, for each convolution of a model, all that could run it.

A model and its inputs come in; the fastest algorithms go to the store of measured choices, and a report comes out.
What applies is the registry's to say and the store is the registry's room: nothing here decides how a call runs.
"""

from tilewise.tuning.report import Tuning
from tilewise.tuning.run import tune
from tilewise.tuning.times import TunedProblem

__all__ = ["TunedProblem", "Tuning", "tune"]
