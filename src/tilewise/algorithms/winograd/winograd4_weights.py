"""`winograd4_weights`: as `winograd_weights`, by the transpose of `winograd4`'s F(4, 3)."""

from __future__ import annotations

import functools

from tilewise.algorithms.winograd import winograd_weights
from tilewise.algorithms.winograd.tiles import why_inexact

__all__ = ["NAME", "SUMMARY", "plan", "seconds", "why_inexact", "why_not"]

NAME = winograd_weights.NAMES[4]
SUMMARY = "weight gradients of three taps at stride 1 by Winograd's F(4, 3) on fused multiply-adds"
why_not = winograd_weights.why_not
plan = functools.partial(winograd_weights.plan, size=4)
seconds = functools.partial(winograd_weights.seconds, size=4)
