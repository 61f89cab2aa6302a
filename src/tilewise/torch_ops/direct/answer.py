"""A kernel's body: describe the call, look it up, make the results, run their jobs, give the arguments up.

A kernel gets its arguments as words and owns them: handles of tensors and lists, plain integers; what is optional
is the address of a word, or 0.
"""

from __future__ import annotations

from dataclasses import dataclass

from tilewise.ir import Builder
from tilewise.ir.builder import Value
from tilewise.runtime import job
from tilewise.torch_ops.direct import words
from tilewise.torch_ops.direct.words import offset

TENSOR, OPTIONAL_TENSOR, LIST, OPTIONAL_LIST, NUMBER = "tensor", "tensor?", "list", "list?", "number"
MOST_AXES = 5
# What a key's length says where there is no key: not describable, or described under settings that may be old.
NO_KEY, STALE = 0, -1


@dataclass(frozen=True)
class Kernel:
    """An operator's arguments and results."""

    name: str
    fallback: str  # the words' name for the operator in Python that takes the same arguments and a key
    count: str
    arguments: tuple[str, ...]
    results: int


class Answer:
    """Builds `i64 answer(ptr stack)`: 0, or what there is to raise."""

    def __init__(self, kernel: Kernel):
        self.kernel = kernel
        self.b = b = Builder(f"answer_{kernel.name}", "ptr %stack")
        self.words = b.load("ptr", "@words", 8)
        self.key = b.stack(words.STATUS + 8)
        self.length = b.stack(8, 8)
        self.results = b.stack(24, 8)
        self.pointers = b.stack(8 * words.POINTERS, 8)
        self.out = b.stack(8, 8)  # where functions put what they tell
        self.unknown = b.label("unknown")

    def function(self) -> str:
        """The function's text."""
        b, end = self.b, self.b.label("answered")
        b.store("i64", NO_KEY, self.length, 8)
        b.zero_bytes(self.results, 24)
        b.zero_bytes(self.pointers, 8 * words.POINTERS)
        calls = b.at(self.words, b.load("i64", b.at(self.words, offset("phase")), 8))
        # Sequentially consistent: no lookup may happen before the call is counted.
        b.emit(f"atomicrmw add ptr {calls}, i64 1 seq_cst, align 8")
        self._check_tracing()
        self._check_environment()
        dtype, cursor = self._describe()
        entry = self._look_up(cursor)
        self._run(entry, dtype)
        self._finish(entry)
        b.emit(f"atomicrmw sub ptr {calls}, i64 1 release, align 8")
        known = b.block
        b.jump(end)
        b.enter(self.unknown)
        b.emit(f"atomicrmw sub ptr {calls}, i64 1 release, align 8")
        status = self._ask_python()
        asked = b.block
        b.jump(end)
        b.enter(end)
        b.result = f"i64 {b.let(f'phi i64 [ 0, %{known} ], [ {status}, %{asked} ]')}"
        return b.function("internal")

    # -- small things ------------------------------------------------------------------------------

    def _word(self, name: str, kind: str = "i64") -> str:
        return self.b.load(kind, self.b.at(self.words, offset(name)), 8)

    def _argument(self, number: int, kind: str = "ptr") -> str:
        return self.b.load(kind, self.b.at("%stack", 8 * number), 8)

    def _ask(self, function: str, *arguments: str) -> None:
        """Call a function of the shim; where it fails the call is not known."""
        self._require(self.b.let(f"icmp eq i32 {self._tell(function, *arguments)}, 0"))

    def _tell(self, function: str, *arguments: str) -> str:
        return self.b.let(f"call i32 {self._word(function, 'ptr')}({', '.join(arguments)})")

    def _require(self, condition: str) -> None:
        """Go on only where the condition holds."""
        on = self.b.label("on")
        self.b.emit(f"br i1 {condition}, label %{on}, label %{self.unknown}")
        self.b.enter(on)

    def _append(self, cursor: Value, value: Value) -> Value:
        self.b.store("i64", value, self.b.at(self.key, self.b.mul(cursor, 8)), 8)
        return self.b.add(cursor, 1)

    def _given(self, number: int) -> str:
        """An i1: whether an optional argument is there."""
        return self.b.compare("ne", self._argument(number, "i64"), 0)

    def _defined(self, number: int) -> str:
        """An i1: whether an optional tensor is there; an undefined one is not."""
        b, told = self.b, self.b.stack(8, 8)
        b.store("i8", 0, told)
        with b.when(self._given(number)):
            self._ask("is_defined", f"ptr {self._handle(number)}", f"ptr {told}")
        return b.let(f"icmp ne i8 {b.load('i8', told)}, 0")

    def _handle(self, number: int) -> str:
        """A tensor's or a list's handle; of an optional one only where it is given."""
        handle = self._argument(number)
        return self.b.load("ptr", handle, 8) if self.kernel.arguments[number].endswith("?") else handle

    # -- the key -----------------------------------------------------------------------------------

    def _check_tracing(self) -> None:
        """Go on only where torch.jit.trace is not recording: it must see what PyTorch's own kernel does."""
        b = self.b
        key = b.let(f"trunc i64 {self._word('tracer')} to i16")
        traced = b.let(f"call zeroext i1 {self._word('key_included', 'ptr')}(i16 zeroext {key})")
        self._require(b.let(f"xor i1 {traced}, true"))

    def _check_environment(self) -> None:
        """Go on only where the environment is the one that the settings were read from.

        Addresses are compared, not texts: a variable that is set, changed or removed moves at least one of them,
        and nothing is followed that another thread may be changing.
        """
        b = self.b
        b.store("i64", STALE, self.length, 8)
        seen = self._word("environment", "ptr")
        now = b.load("ptr", self._word("environ", "ptr"), 8)
        self._require(b.let(f"icmp eq ptr {now}, {b.load('ptr', seen, 8)}"))
        count = b.load("i64", b.at(seen, 8), 8)
        with b.loop(0, count, carried=[("i64", 0)]) as loop:
            at = b.mul(loop.index, 8)
            old, new = b.load("i64", b.at(seen, 16, at), 8), b.load("i64", b.at(now, at), 8)
            loop.carry([b.let(f"or i64 {loop.values[0]}, {b.let(f'xor i64 {old}, {new}')}")])
        self._require(b.compare("eq", loop.results[0], 0))
        b.store("i64", NO_KEY, self.length, 8)

    def _describe(self) -> tuple[str, Value]:
        """Write the key; the first tensor's dtype, and the key's length. Word 0 is left for its hash."""
        b = self.b
        cursor = self._append(1, self._word("settings"))
        context = b.let(f"call ptr {self._word('context', 'ptr')}()")
        onednn = b.let(f"call zeroext i1 {self._word('uses_onednn', 'ptr')}(ptr {context})")
        cursor = self._append(cursor, b.let(f"zext i1 {onednn} to i64"))
        first, tensors = "", 0
        for number, kind in enumerate(self.kernel.arguments):
            if kind == TENSOR:
                dtype, cursor = self._describe_tensor(number, tensors, cursor)
                if not first:
                    first = dtype
                    # What was measured was measured with so many threads; the layout of small volumes depends on
                    # whether there are several.
                    self._ask("threads", f"ptr {self.out}")
                    cursor = self._append(cursor, b.let(f"zext i32 {b.load('i32', self.out, 4)} to i64"))
            elif kind == OPTIONAL_TENSOR:
                given = self._defined(number)
                cursor = self._append(cursor, b.let(f"zext i1 {given} to i64"))

                def describe(values: list[str], number: int = number, place: int = tensors) -> list[str]:
                    return [str(self._describe_tensor(number, place, values[0])[1])]

                cursor = b.update(given, "i64", [str(cursor)], describe)[0]
            elif kind == LIST:
                cursor = self._describe_list(number, cursor)
            elif kind == NUMBER:
                cursor = self._append(cursor, self._argument(number, "i64"))
            tensors += kind in (TENSOR, OPTIONAL_TENSOR)
        b.store("i64", self._hash(cursor), self.key, 8)
        b.store("i64", cursor, self.length, 8)
        return first, cursor

    def _describe_tensor(self, number: int, place: int, cursor: Value) -> tuple[str, Value]:
        """A plain CPU tensor's dtype, sizes and strides; its memory's address goes to the pointers."""
        b, handle = self.b, f"ptr {self._handle(number)}"
        self._ask("is_defined", handle, f"ptr {self.out}")
        self._require(b.let(f"icmp ne i8 {b.load('i8', self.out)}, 0"))
        for what, right in (("layout", "strided"), ("device", "cpu")):
            self._ask(what, handle, f"ptr {self.out}")
            told = b.let(f"zext i32 {b.load('i32', self.out, 4)} to i64")
            self._require(b.compare("eq", told, self._word(right)))
        self._ask("dtype", handle, f"ptr {self.out}")
        dtype = b.load("i32", self.out, 4)
        cursor = self._append(cursor, b.let(f"zext i32 {dtype} to i64"))
        self._ask("dim", handle, f"ptr {self.out}")
        dim = b.load("i64", self.out, 8)
        self._require(b.compare("ule", dim, MOST_AXES))
        cursor = self._append(cursor, dim)
        for what in ("sizes", "strides"):
            self._ask(what, handle, f"ptr {self.out}")
            values = b.load("ptr", self.out, 8)
            with b.loop(0, dim) as axes:
                self._append(b.add(cursor, axes.index), b.load("i64", b.at(values, b.mul(axes.index, 8)), 8))
            cursor = b.add(cursor, dim)
        pointer = b.at(self.pointers, 8 * (words.FIRST_TENSOR + place))
        self._ask("read_from", handle, f"ptr {pointer}")
        self._require(b.compare("ne", b.load("i64", pointer, 8), 0))
        return dtype, cursor

    def _describe_list(self, number: int, cursor: Value) -> Value:
        b, handle = self.b, f"ptr {self._handle(number)}"
        self._ask("list_size", handle, f"ptr {self.out}")
        size = b.load("i64", self.out, 8)
        self._require(b.compare("ule", size, MOST_AXES))
        cursor = self._append(cursor, size)
        with b.loop(0, size) as items:
            at = b.at(self.key, b.mul(b.add(cursor, items.index), 8))
            self._ask("list_item", handle, f"i64 {items.index}", f"ptr {at}")
        return b.add(cursor, size)

    def _hash(self, length: Value) -> str:
        b = self.b
        with b.loop(1, length, carried=[("i64", 0x2545F4914F6CDD1D)]) as loop:
            word = b.load("i64", b.at(self.key, b.mul(loop.index, 8)), 8)
            mixed = b.let(f"mul i64 {b.let(f'xor i64 {loop.values[0]}, {word}')}, {-0x61C8864680B583EB}")
            loop.carry([b.let(f"xor i64 {mixed}, {b.let(f'lshr i64 {mixed}, 32')}")])
        return loop.results[0]

    # -- the table ---------------------------------------------------------------------------------

    def _look_up(self, length: Value) -> str:
        """The entry with this key."""
        b = self.b
        hashed = b.load("i64", self.key, 8)
        bucket = b.at(self._word("buckets", "ptr"), b.mul(b.rem(hashed, words.BUCKETS), 8))
        found = b.stack(8, 8)
        b.store("ptr", b.let(f"load atomic ptr, ptr {bucket} acquire, align 8"), found, 8)

        def differs(values: list[str]) -> str:
            entry = b.load("ptr", found, 8)
            return b.both(b.compare("ne", values[0], 0), b.let(f"icmp ne ptr {entry}, null"))

        with b.repeat([("i64", 1)], differs) as chain:
            entry = b.load("ptr", found, 8)
            with b.loop(0, length, carried=[("i64", 0)]) as loop:
                at = b.mul(loop.index, 8)
                mine = b.load("i64", b.at(self.key, at), 8)
                theirs = b.load("i64", b.at(b.load("ptr", b.at(entry, words.KEY), 8), at), 8)
                loop.carry([b.let(f"or i64 {loop.values[0]}, {b.let(f'xor i64 {mine}, {theirs}')}")])
            difference = loop.results[0]
            with b.when(b.compare("ne", difference, 0)):
                after = b.let(f"load atomic ptr, ptr {b.at(entry, words.NEXT)} acquire, align 8")
                b.store("ptr", after, found, 8)
            chain.carry([difference])
        entry = b.load("ptr", found, 8)
        self._require(b.let(f"icmp ne ptr {entry}, null"))
        return entry

    def _run(self, entry: str, dtype: str) -> None:
        """Make each result and run its job."""
        b = self.b
        call = b.stack(job.CALL_BYTES, 8)
        run = self._word("run", "ptr")
        self._ask("threads", f"ptr {self.out}")
        threads = b.let(f"zext i32 {b.load('i32', self.out, 4)} to i64")
        b.store("i64", threads, b.at(call, job.THREADS), 8)
        with b.loop(0, b.load("i64", b.at(entry, words.PARTS), 8)) as parts:
            part = b.at(entry, words.FIRST_PART, b.mul(parts.index, words.PART_BYTES))
            place = b.mul(b.load("i64", b.at(part, words.POSITION), 8), 8)
            result = b.at(self.results, place)
            dim = b.load("i64", b.at(part, words.DIM), 8)
            sizes, strides = (b.load("ptr", b.at(part, at), 8) for at in (words.SIZES, words.STRIDES))
            cpu = b.let(f"trunc i64 {self._word('cpu')} to i32")
            self._ask(
                "empty", f"i64 {dim}", f"ptr {sizes}", f"ptr {strides}", f"i32 {dtype}", f"i32 {cpu}", "i32 -1",
                f"ptr {result}",
            )  # fmt: skip
            pointer = b.at(self.pointers, 8 * words.FIRST_RESULT, place)
            self._ask("write_to", f"ptr {b.load('ptr', result, 8)}", f"ptr {pointer}")
            b.store("i64", b.load("i64", b.at(part, words.JOB), 8), b.at(call, job.RECORD), 8)
            for base in range(4):
                which = b.mul(b.load("i64", b.at(part, words.BASES + 8 * base), 8), 8)
                b.store("i64", b.load("i64", b.at(self.pointers, which), 8), b.at(call, job.BASES + 8 * base), 8)
            b.emit(f"call void {run}(ptr {call})")
            self._require(b.compare("eq", b.load("i64", b.at(call, job.STATUS), 8), job.DONE))

    def _finish(self, entry: str) -> None:
        """Give the arguments up and the results away."""
        b = self.b
        for number, kind in enumerate(self.kernel.arguments):
            if kind in (TENSOR, LIST):
                self._drop(kind, self._argument(number))
            elif kind in (OPTIONAL_TENSOR, OPTIONAL_LIST):
                with b.when(self._given(number)):
                    self._drop(kind.rstrip("?"), self._handle(number))
                    self._tell("drop_optional", f"ptr {self._argument(number)}")
        for number in range(self.kernel.results):
            result = b.at(self.results, 8 * number)
            if self.kernel.results > 1:
                with b.when(b.let(f"icmp eq ptr {b.load('ptr', result, 8)}, null")):
                    self._tell("undefined", f"ptr {result}")
            b.store("ptr", b.load("ptr", result, 8), b.at("%stack", 8 * number), 8)
        counted = b.load("i64", b.at(entry, words.COUNTED), 8)
        b.emit(f"atomicrmw add ptr {b.at(self.words, offset(self.kernel.count))}, i64 {counted} monotonic, align 8")

    def _drop(self, kind: str, handle: str) -> None:
        self._tell("drop_tensor" if kind == TENSOR else "drop_list", f"ptr {handle}")

    # -- Python ------------------------------------------------------------------------------------

    def _ask_python(self) -> str:
        """The call by Python's kernel, which takes the arguments over; what there is to raise."""
        b, given, results = self.b, len(self.kernel.arguments), self.kernel.results
        for number in range(results):
            result = b.load("ptr", b.at(self.results, 8 * number), 8)
            with b.when(b.let(f"icmp ne ptr {result}, null")):
                self._drop(TENSOR, result)
        stack = b.stack(8 * (given + 2), 8)
        b.copy_bytes(stack, "%stack", 8 * given)
        b.store("ptr", self.key, b.at(stack, 8 * given), 8)
        b.store("i64", b.load("i64", self.length, 8), b.at(stack, 8 * (given + 1)), 8)
        said = b.at(self.key, words.STATUS)
        b.store("i64", 0, said, 8)
        error = self._tell(
            "call", f"ptr {self._word(self.kernel.fallback, 'ptr')}", f"ptr {self._word('no_overload', 'ptr')}",
            f"ptr {stack}", f"i64 {self._word('version')}",
        )  # fmt: skip
        status = b.stack(8, 8)

        def answered() -> None:
            told = b.load("i64", said, 8)
            b.store("i64", told, status, 8)
            b.copy_bytes("%stack", stack, 8 * results)
            with b.when(b.compare("ne", told, 0)):
                for number in range(results):
                    self._drop(TENSOR, b.load("ptr", b.at(stack, 8 * number), 8))

        def failed() -> None:
            b.store("ptr", b.let(f"call ptr {self._word('what', 'ptr')}()"), status, 8)

        b.either(b.let(f"icmp eq i32 {error}, 0"), answered, failed)
        return b.load("i64", status, 8)
