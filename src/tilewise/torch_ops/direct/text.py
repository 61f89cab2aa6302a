"""The kernels' text.

A kernel finds its call in the table and answers it. In all other cases it hands its arguments on to an operator of
Tilewise's that is written in Python, with the key, so that the next such call is known.
"""

from __future__ import annotations

import functools

from tilewise.ir import Builder
from tilewise.torch_ops.direct import words
from tilewise.torch_ops.direct.answer import LIST, NUMBER, OPTIONAL_LIST, OPTIONAL_TENSOR, TENSOR, Answer, Kernel
from tilewise.torch_ops.direct.words import offset

KERNELS = (
    Kernel(
        "convolution", "forward_name", "forward_count",
        (TENSOR, TENSOR, OPTIONAL_TENSOR, LIST, LIST, LIST, NUMBER, LIST, NUMBER), 1,
    ),
    Kernel(
        "convolution_backward", "backward_name", "backward_count",
        (TENSOR, TENSOR, TENSOR, OPTIONAL_LIST, LIST, LIST, LIST, NUMBER, LIST, NUMBER, LIST), 3,
    ),
)  # fmt: skip


@functools.cache
def module() -> str:
    """All kernels; the module's own function is told where the shared words are."""
    b = Builder("tilewise_kernel")
    b.constants += [
        "@words = internal global ptr null",
        '@operator = private constant [12 x i8] c"convolution\\00"',
        '@file = private constant [9 x i8] c"tilewise\\00"',
    ]
    for kernel in KERNELS:
        b.define(Answer(kernel).function())
        b.define(_boxed(kernel))
    b.define(_publish())
    b.store("ptr", "%args", "@words", 8)
    for name in words.ENTRIES:
        b.store("ptr", f"@{name}", b.at("%args", offset(name)), 8)
    return b.text()


def _boxed(kernel: Kernel) -> str:
    """What PyTorch calls. It has no frame of its own when it leaves by calling what raises."""
    return f"""
define void @{kernel.name}(ptr %stack, i64 %inputs, i64 %outputs) {{
  %status = call i64 @answer_{kernel.name}(ptr %stack)
  switch i64 %status, label %message [ i64 0, label %fine i64 1, label %raise ]
fine:
  ret void
raise:
  %words = load ptr, ptr @words
  %alias.at = getelementptr i8, ptr %words, i64 {offset("alias")}
  %alias = load ptr, ptr %alias.at
  %raising.at = getelementptr i8, ptr %words, i64 {offset("raising")}
  %raising = load i64, ptr %raising.at
  musttail call void %alias(ptr %stack, i64 %raising, i64 0)
  ret void
message:
  %words.again = load ptr, ptr @words
  %check.at = getelementptr i8, ptr %words.again, i64 {offset("check")}
  %check = load ptr, ptr %check.at
  store i64 %status, ptr %stack
  %text = load ptr, ptr %stack
  tail call void %check(i1 zeroext false, ptr @operator, ptr @file, i32 0, ptr %text)
  ret void
}}
"""


def _publish() -> str:
    """`void publish(ptr args)`: store a word, after everything written before it, before everything read after it."""
    return """
define internal void @publish(ptr %args) {
  %slot = load ptr, ptr %args
  %value.at = getelementptr i8, ptr %args, i64 8
  %value = load i64, ptr %value.at
  store atomic i64 %value, ptr %slot release, align 8
  fence seq_cst
  ret void
}
"""
