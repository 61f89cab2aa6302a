"""Pictures of what a convolution does, from a person's own layer, model and image."""
