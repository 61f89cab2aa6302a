"""What a layer computes, costs and runs on, told before it runs: what `tilewise.explain` answers.

A layer or a problem comes in; numbers and reasons go out, and know how to print themselves.
All sizes come from geometry, all choices from algorithms: nothing is decided or computed a second time here.
"""

from tilewise.explanation.build import explain_layer, explain_problem
from tilewise.explanation.described import Described, describe_layer, layer_output_shape
from tilewise.explanation.facts import Machine, PassReport
from tilewise.explanation.report import Explanation, ExplanationGroup

__all__ = [
    "Described",
    "Explanation",
    "ExplanationGroup",
    "Machine",
    "PassReport",
    "describe_layer",
    "explain_layer",
    "explain_problem",
    "layer_output_shape",
]
