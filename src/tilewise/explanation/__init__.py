"""What a layer computes, costs and runs on, told before it runs: `tilewise.explain`.

A layer, a line of text or a problem comes in; numbers and reasons go out, and know how to print themselves.
All sizes come from geometry, all choices from algorithms: nothing is decided or computed a second time here.
"""

from tilewise.explanation.build import explain
from tilewise.explanation.described import Described, describe_layer, layer_output_shape
from tilewise.explanation.parsing import layer_from_text
from tilewise.explanation.report import Explanation, ExplanationGroup, Machine, PassReport

__all__ = [
    "Described",
    "Explanation",
    "ExplanationGroup",
    "Machine",
    "PassReport",
    "describe_layer",
    "explain",
    "layer_from_text",
    "layer_output_shape",
]
