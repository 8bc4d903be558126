"""The forms of options on the command line, and what is wrong with others."""

from __future__ import annotations

import argparse
import os
from datetime import date


def port(text: str) -> int:
    """Return the number of a port."""
    if not text.isdecimal() or not 0 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port")
    return int(text)


def count(text: str) -> int:
    """Return a number of things, at least one."""
    if not text.isdecimal() or not 1 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 1,000,000")
    return int(text)


def seconds(text: str) -> float:
    """Return a time in seconds, more than none."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 3600:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds between 0 and 3600")
    return value


def whole_seconds(text: str) -> int:
    """Return a time in whole seconds, or none."""
    if not text.isdecimal() or int(text) > 3600:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds from 0 to 3600")
    return int(text)


def megabytes(text: str) -> int:
    """Return a size in megabytes."""
    if not text.isdecimal() or int(text) > 1 << 20:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of megabytes")
    return int(text)


def day(text: str) -> date:
    """Return a date."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date such as 2027-01-31") from None


def days(text: str) -> int:
    """Return a number of days, at least one and at most a hundred years."""
    if not text.isdecimal() or not 1 <= int(text) <= 36_500:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of days from 1 to 36,500")
    return int(text)


def processes(text: str) -> int:
    """Return a number of processes; more than one needs a system that forks."""
    if not text.isdecimal() or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 64")
    if int(text) > 1 and not hasattr(os, "fork"):
        raise argparse.ArgumentTypeError("this system has no fork, so there is one process")
    return int(text)
