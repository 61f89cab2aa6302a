"""Products of bfloat16 two at a time (AVX-512 BF16): as `fma`, with VDPBF16PS in place of the multiply-add."""
