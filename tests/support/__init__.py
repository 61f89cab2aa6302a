"""What tests share: settings of convolutions, tensors laid out in every way, and how right a result must be.

Nothing in here is a test.
"""
