"""Pictures of what a convolution does, from a person's own layer, model and image.

Scenes are plain data made from real runs; renderers draw them and compute nothing but products and sums.
Nothing of the engine may be imported here: numbers come from PyTorch, sizes from tilewise.geometry.
"""

from tilewise.pictures.figure import Figure
from tilewise.pictures.seeing import see

__all__ = ["Figure", "see"]
