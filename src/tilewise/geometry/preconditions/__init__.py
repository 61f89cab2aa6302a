"""What each operation demands of its numbers: one table of rules, each with its code and its sentence.

A rule reads a frozen description of a call (shapes and parameters) and says what is wrong, or nothing.
Nothing of torch may be imported here; tests run every rule against real PyTorch calls, legal and illegal.
"""

from tilewise.geometry.preconditions.convolution import (
    CONVOLUTION_RULES,
    LAYER_RULES,
    ConvolutionCall,
    ConvolutionLayer,
)
from tilewise.geometry.preconditions.features import (
    FEATURE_RULES,
    BatchNormCall,
    ChannelNormCall,
    LinearCall,
    MatmulCall,
    ShuffleCall,
)
from tilewise.geometry.preconditions.pooling import POOLING_RULES, PadCall, PoolCall, ResizeCall, UnpoolCall
from tilewise.geometry.preconditions.rule import Rule, Violation, shape_text
from tilewise.geometry.preconditions.shapes import (
    SHAPE_RULES,
    BroadcastCall,
    ConcatenateCall,
    ViewCall,
    broadcast_shape,
)
from tilewise.geometry.preconditions.types import TYPE_RULES, TypesCall

RULES: tuple[Rule, ...] = (*LAYER_RULES, *CONVOLUTION_RULES, *FEATURE_RULES, *POOLING_RULES, *SHAPE_RULES, *TYPE_RULES)


def first_violation(call: object) -> Violation | None:
    """The first rule of the table that `call` breaks, or None for a legal call."""
    for rule in RULES:
        if isinstance(call, rule.of):
            found = rule.check(call)
            if found is not None:
                return found
    return None


__all__ = [
    "RULES",
    "BatchNormCall",
    "BroadcastCall",
    "ChannelNormCall",
    "ConcatenateCall",
    "ConvolutionCall",
    "ConvolutionLayer",
    "LinearCall",
    "MatmulCall",
    "PadCall",
    "PoolCall",
    "ResizeCall",
    "Rule",
    "ShuffleCall",
    "TypesCall",
    "UnpoolCall",
    "ViewCall",
    "Violation",
    "broadcast_shape",
    "first_violation",
    "shape_text",
]
