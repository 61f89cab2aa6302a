"""Every speed claim as a command: both sides in one run, by turns, the minimum of many."""
