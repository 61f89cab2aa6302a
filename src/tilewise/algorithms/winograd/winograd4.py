"""`winograd4`: as `winograd`, by F(4, 3): four by four outputs take 36 products instead of 144.

Its transforms lose about one bit and a half more than direct sums do: more than `highest` allows to float32, and
nothing beside the rounding of 16-bit results.
"""

from __future__ import annotations

import functools

from tilewise.algorithms.winograd import winograd
from tilewise.algorithms.winograd.tiles import why_inexact

__all__ = ["NAME", "SUMMARY", "plan", "seconds", "why_inexact", "why_not"]

NAME = winograd.NAMES[4]
SUMMARY = "three taps at stride 1 by Winograd's F(4, 3) on fused multiply-adds"
why_not = functools.partial(winograd.why_not, size=4)
plan = functools.partial(winograd.plan, size=4)
seconds = functools.partial(winograd.seconds, size=4)
