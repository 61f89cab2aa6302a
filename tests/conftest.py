"""What every test shares: a kernel cache of the session's own, so that no test reads or writes the user's."""

import os
import shutil
import tempfile

from hypothesis import settings

# A slow moment of a shared machine is not a failure.
settings.register_profile("tilewise", deadline=None)
settings.load_profile("tilewise")

_OWN_CACHE = "TILEWISE_TEST_CACHE"


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="write tests/golden anew; then review the difference")


def pytest_configure(config):
    # Workers of pytest-xdist inherit the directory of the process that started them.
    if _OWN_CACHE not in os.environ:
        config.tilewise_cache = os.environ[_OWN_CACHE] = tempfile.mkdtemp(prefix="tilewise-tests-")
    os.environ["TILEWISE_CACHE_DIR"] = os.environ[_OWN_CACHE]


def pytest_unconfigure(config):
    made_here = getattr(config, "tilewise_cache", None)
    if made_here:
        del os.environ[_OWN_CACHE]
        shutil.rmtree(made_here, ignore_errors=True)
