"""What is cut from messages, and what stays because it is the student's own."""

from __future__ import annotations

import pytest

from grader.machine import machine_paths


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "cannot import name 'float' from 'numpy' (/opt/course/lib/python3.11/site-packages/numpy/__init__.py)",
            "cannot import name 'float' from 'numpy' (numpy/__init__.py)",
        ),
        ("(/usr/lib/python3/dist-packages/numpy/core.py)", "(numpy/core.py)"),
        ("File '/usr/lib/python3.12/json/decoder.py'", "File 'json/decoder.py'"),
        ("/srv/my course/x: no", "/srv/my course/x: no"),
        (
            "No such file: '/tmp/grade-1/grading-a_b1/handin/data/mean.npy'",
            "No such file: 'data/mean.npy'",
        ),
        (
            "Permission denied: '/tmp/grade-1/grading-a_b1/scratch-x_1/out.txt'",
            "Permission denied: 'out.txt'",
        ),
        ("No such file: '/home/jane/ps3/mean.npy'", "No such file: '/home/jane/ps3/mean.npy'"),
        ("No such file: '/content/drive/mlp.py'", "No such file: '/content/drive/mlp.py'"),
        ("No such file: 'data/mean.npy'", "No such file: 'data/mean.npy'"),
        ("see https://example.org/lib/python3.11/x", "see https://example.org/lib/python3.11/x"),
        ("3/4 and a/b/site-packages/c", "3/4 and a/b/site-packages/c"),
        ("/a/b" * 1000, "/a/b" * 1000),
    ],
)
def test_paths_of_the_machine_are_cut(text: str, told: str):
    assert machine_paths.cut(text) == told
