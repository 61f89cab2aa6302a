"""Calls made ready: a plan with its kernels loaded, its result's shape and strides, kept for the next such call."""

from __future__ import annotations

import os
import sys
import threading
from collections import OrderedDict
from collections.abc import Hashable

import torch

from tilewise import algorithms, target
from tilewise.algorithms import channel_sums
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem, Pass
from tilewise.runtime import Job, Program
from tilewise.torch_ops import describe, settings
from tilewise.torch_ops.call import Call

KEPT = 512


class Prepared:
    """One call's job and its program; both are None where PyTorch's own kernel is to run."""

    __slots__ = ("_problem", "_refused", "_without", "algorithm", "job", "program", "shape", "strides", "workspace")

    def __init__(
        self,
        shape: tuple[int, ...],
        strides: tuple[int, ...],
        problem: ConvProblem | None,
        without: frozenset[str] = frozenset(),
    ):
        self.shape = shape
        self.strides = strides
        self.program: Program | None = None
        self.job: Job | None = None
        self.workspace = 0
        self.algorithm = algorithms.NATIVE
        self._problem = problem
        self._without = without
        self._refused: Prepared | None = None
        if problem is None:
            return
        choice = algorithms.choose(problem, target.host(), without, settings.conditions())
        self.algorithm = choice.algorithm
        if _verbose():
            _say(problem, choice)
        if choice.plan is not None:
            starts: tuple[tuple[int, int], ...] = ((0, 0),)
            if images := choice.plan.images:
                element = ELEMENT_BYTES[problem.dtype]
                source, destination = (s.strides[0] * element for s in (problem.source, problem.destination))
                starts = tuple((n * source, n * destination) for n in range(0, problem.batch, images))
            self._load(choice.plan, starts)

    def _load(self, plan: algorithms.Plan, starts: tuple[tuple[int, int], ...] = ((0, 0),)) -> None:
        """`starts`: where the images of each run begin, in bytes."""
        self.program = Program(plan.steps, target.host(), plan.parallel)
        self.workspace = plan.workspace_bytes
        self.job = Job(self.program, target.host(), self.workspace, starts)

    def run(self, source: int, destination: int, weight: int, bias: int) -> bool:
        """Run on tensors at these addresses, with PyTorch's number of threads.

        Where the algorithm cannot carry the values it meets, the next best one does the call over. False if none
        could: then it is PyTorch's to answer.
        """
        if self.job is None:
            return False
        if self.job(torch.get_num_threads(), source, destination, weight, bias):
            return True
        if self._refused is None:
            self._refused = Prepared(self.shape, self.strides, self._problem, self._without | {self.algorithm})
            if self._refused.job is not None:
                self.job.follow(self._refused.job)
        return self._refused.run(source, destination, weight, bias)

    @classmethod
    def native(cls, kind: Pass, *tensors: torch.Tensor | None) -> Prepared:
        """A call that is PyTorch's."""
        if _verbose():
            given = tensors[0]
            assert given is not None
            dtype, why = str(given.dtype).removeprefix("torch."), describe.why_native(*tensors)
            _print(f"{kind.value} {dtype} {tuple(given.shape)}: {algorithms.NATIVE} ({why})")
        return cls((), (), None)

    @classmethod
    def channel_sums(cls, grad_output: torch.Tensor) -> Prepared:
        """The bias gradient of a legal call."""
        spec = describe.spec(grad_output.shape, grad_output.stride())
        prepared = cls((grad_output.shape[1],), (1,), None)
        dtype, host = describe.DTYPES[grad_output.dtype], target.host()
        if dtype != "float16" or host.converts_half:
            prepared._load(channel_sums.plan(spec, dtype, host))
        return prepared

    @classmethod
    def forward(cls, call: Call, input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> Prepared:
        """A forward call."""
        return cls._of(describe.forward(call, input, weight, bias), Pass.FORWARD, input, weight, bias)

    @classmethod
    def backward(
        cls, kind: Pass, call: Call, grad_output: torch.Tensor, input: torch.Tensor, weight: torch.Tensor
    ) -> Prepared:
        """A gradient of a call, for its input or its weight."""
        return cls._of(describe.gradient(kind, call, grad_output, input, weight), kind, grad_output, input, weight)

    @classmethod
    def _of(cls, asked: describe.Asked | None, kind: Pass, *tensors: torch.Tensor | None) -> Prepared:
        return cls.native(kind, *tensors) if asked is None else cls(asked.shape, asked.strides, asked.problem)


class PreparedCache:
    """The calls prepared last, and how many calls ran on what."""

    def __init__(self) -> None:
        self._entries: OrderedDict[Hashable, Prepared] = OrderedDict()
        self._lock = threading.Lock()
        self.generated = 0
        self.native = 0
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forked)

    def _forked(self) -> None:
        self._lock = threading.Lock()  # whoever held it is not in the child

    def get(self, key: Hashable) -> Prepared | None:
        """A call prepared before."""
        return self._entries.get(key)

    def put(self, key: Hashable, prepared: Prepared) -> Prepared:
        """Keep a call; the oldest goes when there are too many."""
        with self._lock:
            self._entries[key] = prepared
            while len(self._entries) > KEPT:
                self._entries.popitem(last=False)
        return prepared

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._entries.clear()


def _verbose() -> bool:
    return os.environ.get("TILEWISE_VERBOSE") == "1"


def _print(text: str) -> None:
    print(f"tilewise: {text}", file=sys.stderr)


def _say(problem: ConvProblem, choice: algorithms.Choice) -> None:
    reasons = "; ".join(f"{name}: {why}" for name, why in choice.passed_over)
    _print(
        f"{problem.kind.value} {problem.dtype} {tuple(problem.source.shape)} -> "
        f"{tuple(problem.destination.shape)} kernel {problem.kernel} groups {problem.groups}: "
        f"{choice.algorithm} ({reasons})"
    )
