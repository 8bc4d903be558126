"""The distribution of the tests among processes."""

from __future__ import annotations

import os

import pytest


@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="there is one process")
def test_the_tests_of_a_file_run_in_one_process(request: pytest.FixtureRequest) -> None:
    # xdist appends the group, which runs in one process, to the name of the test.
    assert request.node.nodeid.endswith("@tests/project/test_project_processes.py")
