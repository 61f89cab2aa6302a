"""The formulas against PyTorch's own meta kernels, over random parameters."""

import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from tilewise import geometry

AXIS = dict(
    size=st.integers(1, 60),
    kernel=st.integers(1, 7),
    stride=st.integers(1, 4),
    padding=st.integers(0, 5),
    dilation=st.integers(1, 3),
)


@given(**AXIS)
def test_output_size_is_pytorchs(size, kernel, stride, padding, dilation):
    expected = geometry.output_size(size, kernel, stride, padding, dilation)
    assume(expected >= 1)
    x, w = torch.empty(1, 1, size, device="meta"), torch.empty(1, 1, kernel, device="meta")
    assert torch.conv1d(x, w, None, stride, padding, dilation).shape[-1] == expected


@given(**AXIS, extra=st.integers(0, 3))
def test_transposed_output_size_is_pytorchs(size, kernel, stride, padding, dilation, extra):
    assume(extra < max(stride, dilation))
    expected = geometry.transposed_output_size(size, kernel, stride, padding, dilation, extra)
    assume(expected >= 1)
    x, w = torch.empty(1, 1, size, device="meta"), torch.empty(1, 1, kernel, device="meta")
    assert torch.conv_transpose1d(x, w, None, stride, padding, extra, 1, dilation).shape[-1] == expected


@given(**AXIS)
def test_phases_list_each_product_of_the_forward_pass_once(size, kernel, stride, padding, dilation):
    """(input, output, tap) triples gathered by the input-gradient phases are those of the definition."""
    outputs = geometry.output_size(size, kernel, stride, padding, dilation)
    assume(outputs >= 1)
    definition = {
        (o * stride + t * dilation - padding, o, t)
        for o in range(outputs)
        for t in range(kernel)
        if 0 <= o * stride + t * dilation - padding < size
    }
    forward = geometry.forward_phase(outputs, kernel, stride, padding, dilation)
    assert definition == {
        (j * forward.read_step + offset, j, tap)
        for j in range(forward.count)
        for tap, offset in forward.taps
        if 0 <= j * forward.read_step + offset < size
    }
    gathered = [
        (phase.first + j * phase.step, j + offset, tap)
        for phase in geometry.input_gradient_phases(size, kernel, stride, padding, dilation)
        for j in range(phase.count)
        for tap, offset in phase.taps
        if 0 <= j + offset < outputs
    ]
    assert len(gathered) == len(set(gathered))
    assert set(gathered) == definition


@given(**{**AXIS, "stride": st.integers(1, 200)})
def test_a_stride_is_felt_up_to_the_padded_axis(size, kernel, stride, padding, dilation):
    outputs = geometry.output_size(size, kernel, stride, padding, dilation)
    assume(outputs >= 1)
    felt = geometry.felt_stride(size, stride, padding)
    assert felt == stride or outputs == 1
    assert geometry.output_size(size, kernel, felt, padding, dilation) == outputs
    phases = [geometry.input_gradient_phases(size, kernel, s, padding, dilation) for s in (stride, felt)]
    products = [
        {(p.first + j * p.step, j + offset, tap) for p in axis for j in range(p.count) for tap, offset in p.taps}
        for axis in phases
    ]
    inside = [{product for product in found if 0 <= product[1] < outputs} for found in products]
    assert inside[0] == inside[1]


@given(kernel=st.integers(1, 8), dilation=st.integers(1, 3), size=st.integers(1, 20))
def test_same_padding_keeps_the_size(kernel, dilation, size):
    before, after = geometry.same_padding(kernel, dilation)
    assert size + before + after - geometry.window_size(kernel, dilation) + 1 == size
    assert 0 <= after - before <= 1
