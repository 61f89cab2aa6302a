"""What `tilewise demo` does: real data through two small networks, PyTorch beside Tilewise.

Data, models and measurements; how they look is the command's. Needs the extra packages of tilewise[demo].
Nothing that the library itself needs may live here.
"""
