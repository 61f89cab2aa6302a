"""The store of measured choices: found again, shared by processes, and never in the way."""

import dataclasses
import json
import os
import stat

import pytest

from tests.algorithms.test_registry import _planes, _problem
from tests.support.processes import output_of
from tilewise import algorithms, target
from tilewise.algorithms import measured
from tilewise.algorithms.measured import Measured
from tilewise.problem import Pass, TensorSpec

UNDER = "torch 0, 1 thread"
FOUND = Measured("native", (("native", 1e-3), ("fma", 2e-3)))


@pytest.fixture(autouse=True)
def directory(monkeypatch, tmp_path):
    monkeypatch.setenv("TILEWISE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv(measured.SWITCH, raising=False)
    yield tmp_path / "cache"
    measured.clear()


def key(**changes):
    return measured.key(_problem(**changes), target.host(), UNDER)


def find(**changes):
    return measured.find(_problem(**changes), target.host(), UNDER)


def afresh():
    """As in a process that has read nothing yet."""
    measured._directory, measured._choices = None, {}


def test_what_is_remembered_is_found(directory):
    assert find() is None and measured.file_state() == measured.State(0, "")
    assert not directory.exists()  # looking makes nothing
    before = measured.state()
    assert measured.remember({key(): FOUND}) == ""
    assert find() == FOUND and measured.known() and measured.state() != before
    afresh()
    assert find() == FOUND and measured.file_state() == measured.State(1, "")
    assert stat.S_IMODE((directory / measured.FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert [path.name for path in directory.iterdir()] == [measured.FILE]
    assert measured.clear() == 1 and find() is None and not measured.known()
    assert measured.clear() == 0 and measured.file_state() == measured.State(0, "")


def test_everything_is_part_of_the_key():
    image = _planes(8, 1, 14, 14)
    changes = {
        "kind": Pass.WEIGHT_GRADIENT, "dtype": "float64", "precision": "high", "source": _planes(8, 1, 14, 15),
        "destination": TensorSpec(image.shape, (1568, 1, 1568, 112, 8)), "kernel": (1, 3, 1), "stride": (1, 2, 1),
        "padding": (0, 1, 0), "dilation": (1, 1, 2), "groups": 2, "transposed": True, "bias": True,
        "weight_strides": (72, 9, 9, 1, 3),
    }  # fmt: skip
    # A field that is added must be thought of here.
    assert set(changes) == {field.name for field in dataclasses.fields(_problem())}
    keys = {key(), *(key(**{name: value}) for name, value in changes.items())}
    host = target.host()
    keys |= {measured.key(_problem(), dataclasses.replace(host, level="other"), UNDER)}
    keys |= {measured.key(_problem(), host, "torch 0, 2 threads")}
    assert len(keys) == len(changes) + 3
    assert target.cpu_model() in key()


def test_the_registry_asks():
    problem, host = _problem(), target.host()
    expected = algorithms.choose(problem, host, frozenset(), UNDER)
    assert expected == algorithms.choose(problem, host) and not expected.measured
    measured.remember({key(): FOUND})
    choice = algorithms.choose(problem, host, frozenset(), UNDER)
    assert (choice.algorithm, choice.plan, choice.measured) == ("native", None, FOUND.seconds)
    assert dict(choice.passed_over)["fma"] == "measured at 2 ms"
    assert set(dict(choice.passed_over)) == {a.name for a in algorithms.algorithms()}
    # Nobody else is told: expectations stay what they are, and so does what was asked for by name.
    assert algorithms.choose(problem, host) == expected
    with algorithms.only("fma"):
        assert algorithms.choose(problem, host, frozenset(), UNDER).algorithm == "fma"


def test_refused_values_go_to_the_next_by_measurement():
    problem, host = _problem(), target.host()
    names = algorithms.candidates(problem, host)
    assert len(names) > 2
    # The order that is expected, the other way round.
    times = [(name, 1e-3 * number) for number, name in enumerate(reversed(names), 1)]
    measured.remember({key(): Measured(times[0][0], (*times, ("native", 1.0)))})
    without = set()
    for name, _ in times:
        assert algorithms.choose(problem, host, frozenset(without), UNDER).algorithm == name
        without.add(name)
    assert algorithms.choose(problem, host, frozenset(without), UNDER).algorithm == "native"


def test_candidates_are_what_may_be_chosen():
    problem, host = _problem(), target.host()
    names = algorithms.candidates(problem, host)
    able = {a.name for a in algorithms.algorithms() if not (a.why_not(problem, host) or a.why_inexact(problem))}
    assert set(names) == able - {"reference"} and names[0] == algorithms.choose(problem, host).algorithm
    assert algorithms.candidates(_problem(source=_planes(8, 1, 1100, 1100), kernel=(1, 1024, 1024)), host) == ()


DAMAGE = {
    "empty": b"",
    "cut": lambda data: data[: len(data) // 2],
    "not text": b"\xff\xfe\x00",
    "another kind": b'{"format": "somebody else\'s", "choices": {}}',
    "a list": b"[1, 2]",
    "choices that are none": b'{"format": "tilewise-choices-1", "choices": [3]}',
    "deep": b"[" * 100_000,
}


@pytest.mark.parametrize("what", DAMAGE)
def test_a_damaged_file_holds_nothing_and_is_written_anew(what, directory):
    measured.remember({key(): FOUND})
    file, damage = directory / measured.FILE, DAMAGE[what]
    file.write_bytes(damage(file.read_bytes()) if callable(damage) else damage)
    afresh()
    assert find() is None and not measured.known()
    assert measured.file_state() == measured.State(0, "choices.json is damaged; the next tuning writes it anew")
    assert measured.remember({key(bias=True): FOUND}) == ""
    assert measured.file_state() == measured.State(1, "")


ENTRIES = [
    None, [], "native", {}, {"algorithm": 3, "seconds": {}}, {"algorithm": "fma"}, {"algorithm": "fma", "seconds": []},
    {"algorithm": "fma", "seconds": {"fma": -1.0}}, {"algorithm": "fma", "seconds": {"fma": "fast"}},
    {"algorithm": "fma", "seconds": {"fma": float("nan")}}, {"algorithm": "fma", "seconds": {"fma": float("inf")}},
    {"algorithm": "fma", "seconds": {"fma": True}}, {"algorithm": "fma", "seconds": {"fma": 10**400}},
]  # fmt: skip


def test_entries_that_make_no_sense_are_left_out(directory):
    measured.remember({key(): FOUND})
    file = directory / measured.FILE
    data = json.loads(file.read_text())
    data["choices"] |= {f"odd {number}": entry for number, entry in enumerate(ENTRIES)}
    file.write_text(json.dumps(data))
    afresh()
    assert find() == FOUND and measured.file_state() == measured.State(1, "")


@pytest.mark.parametrize("mode", [0o770, 0o702])
def test_a_directory_that_others_may_write_to_is_not_read(mode, directory):
    measured.remember({key(): FOUND})
    directory.chmod(mode)
    from tilewise.jit import cache

    cache._disk_cache.cache_clear()
    afresh()
    assert find() is None and "others may write to it" in measured.file_state().reason
    # What is measured holds for this process.
    assert "others may write to it" in measured.remember({key(): FOUND})
    assert find() == FOUND
    directory.chmod(0o700)
    cache._disk_cache.cache_clear()


def test_the_file_of_another_user_is_not_read(monkeypatch, directory):
    measured.remember({key(): FOUND})
    from tilewise.jit import disk_cache

    disk_cache()
    uid = os.getuid()
    afresh()
    monkeypatch.setattr(os, "getuid", lambda: uid + 1)
    assert find() is None and "another user" in measured.file_state().reason


def test_a_directory_that_cannot_be_made(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("TILEWISE_CACHE_DIR", str(tmp_path / "file" / "cache"))
    assert find() is None
    assert "cannot be made" in measured.remember({key(): FOUND})
    assert find() == FOUND and measured.clear() == 1


def test_a_disk_that_is_full(monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert measured.remember({key(): FOUND}) == "it cannot be written: No space left on device"
    assert find() == FOUND


def test_the_oldest_go_first(monkeypatch):
    monkeypatch.setattr(measured, "KEPT", 3)
    for name in ("a", "b", "c", "a", "d"):
        measured.remember({name: FOUND})
    assert list(measured._on_disk()[0]) == ["c", "a", "d"]


def test_another_directory_has_other_choices(monkeypatch, tmp_path):
    measured.remember({key(): FOUND})
    monkeypatch.setenv("TILEWISE_CACHE_DIR", str(tmp_path / "another"))
    assert find() is None
    monkeypatch.setenv("TILEWISE_CACHE_DIR", str(tmp_path / "cache"))
    assert find() == FOUND


def test_switched_off(monkeypatch):
    measured.remember({key(): FOUND})
    before = measured.state()
    monkeypatch.setenv("TILEWISE_TUNED", "0")
    assert find() is None and measured.state() != before
    assert measured.file_state() == measured.State(1, "TILEWISE_TUNED=0")
    monkeypatch.setenv("TILEWISE_TUNED", "")
    assert find() == FOUND


def test_changes_are_told(monkeypatch):
    told = []
    monkeypatch.setattr(measured, "_watching", [lambda: told.append(measured.known())])
    measured.remember({key(): FOUND})
    measured.clear()
    assert told == [True, False]


def test_processes_that_write_at_once_lose_nothing():
    code = """
        import os, sys
        from tilewise.algorithms import measured
        from tilewise.algorithms.measured import Measured
        children = []
        for child in range(4):
            if not (pid := os.fork()):
                for number in range(10):
                    assert measured.remember({f"{child} {number}": Measured("fma", (("fma", 1.0),))}) == ""
                os._exit(0)
            children.append(pid)
        assert not any(os.waitpid(pid, 0)[1] for pid in children)
        print(measured.file_state().choices)
    """
    assert output_of(code).strip() == "40"
