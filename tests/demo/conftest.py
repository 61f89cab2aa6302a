"""One thread for what is run here."""

from tests.single_thread import one_thread  # noqa: F401
