"""Who may grade: each field wrong in turn is refused, in one line that says what was found and what was wanted."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import msgspec
import pytest

from grader.cluster import handshake
from grader.cluster.figure import figure
from grader.cluster.messages import Facts
from grader.grading.runner import Run, versions

WANTED = Facts(
    {"python": "3.11.7", "numpy": "2.4.6"}, "0123456789ab", "utf-8",
    "rubric", "asking", "reference", "secret", "digits", "data", "small", "x86_64", ("0x1.8p+0", "0x1.4p+1"),
)  # fmt: skip
WRONG: dict[str, tuple[object, str]] = {
    "versions": ({"python": "3.11.7", "numpy": "2.3.0"}, "numpy: found 2.3.0, wanted 2.4.6"),
    "grader": ("ba9876543210", "found ba9876543210, wanted 0123456789ab"),
    "reads_names_as": ("ascii", "found ascii, wanted utf-8"),
    "rubric": ("other", "the rubric: found other, wanted rubric"),
    "asking": ("other", "what the rubric asks: found other, wanted asking"),
    "reference": ("other", "the reference: found other, wanted reference"),
    "secret": ("other", "the course secret: found the hash other, wanted secret"),
    "dataset": ("mnist", "the dataset: found mnist data, wanted digits data"),
    "dataset_hash": ("other", "the dataset: found digits other, wanted digits data"),
    "small_hash": ("", "found none, wanted small"),
    "figure": (("0x1.8p+0", "0x1.5p+1"), "found 0x1.5p+1, wanted 0x1.4p+1"),
}


def test_the_same_is_not_refused():
    assert handshake.refused(WANTED, WANTED) == ""
    assert handshake.program_refused(WANTED, WANTED) == ""


def test_another_architecture_that_computes_the_same_is_not_refused():
    assert handshake.refused(msgspec.structs.replace(WANTED, machine="aarch64"), WANTED) == ""


@pytest.mark.parametrize("field", [name for name in Facts.__struct_fields__ if name != "machine"])
def test_each_field_that_is_wrong_is_refused_in_a_line(field: str):
    other, said = WRONG[field]
    line = handshake.refused(msgspec.structs.replace(WANTED, **{field: other}), WANTED)
    assert said in line
    assert "\n" not in line
    assert ";" in line, "and what to do"


@pytest.mark.parametrize("field", ["versions", "grader", "reads_names_as", "figure"])
def test_wrong_programs_are_refused_before_a_rubric_is_read(field: str):
    assert handshake.program_refused(msgspec.structs.replace(WANTED, **{field: WRONG[field][0]}), WANTED)


def test_a_package_that_only_one_has_is_refused():
    assert "scipy: found 1, wanted none" in handshake.refused(
        msgspec.structs.replace(WANTED, versions={**WANTED.versions, "scipy": "1"}), WANTED
    )


def test_the_facts_of_a_run_are_its_own(on_digits: Run):
    facts = handshake.of_run(on_digits)
    assert facts.versions == versions()
    assert (facts.dataset, facts.dataset_hash) == ("digits", on_digits.dataset.fingerprint)
    assert (facts.rubric, facts.asking) == (on_digits.rubric.fingerprint, on_digits.rubric.asking)
    assert facts.secret == on_digits.rubric.secret_fingerprint
    assert facts.reference == on_digits.reference.fingerprint
    assert handshake.refused(facts, handshake.of_run(on_digits)) == ""


@pytest.mark.slow
@pytest.mark.skipif(platform.machine() != "x86_64", reason="names kernels of x86")
def test_another_blas_moves_the_figure():
    """NumPy's own OpenBLAS with the kernels of an old processor: the last bits of a training differ."""
    code = "from grader.cluster.figure import figure; print(*figure())"
    said = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, **more},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        for more in ({}, {"OPENBLAS_CORETYPE": "Prescott"})
    ]
    assert tuple(said[0]) == figure()
    assert said[0] != said[1]
