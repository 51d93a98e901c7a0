"""Sample reports as fixtures; see `report_samples` for what they hold."""

from __future__ import annotations

import pytest

from grader.model import GradeReport
from grader.report.audience import for_students
from tests.report import report_samples


@pytest.fixture(params=sorted(report_samples.all_samples()))
def sample(request: pytest.FixtureRequest) -> GradeReport:
    """Every sample in turn, for staff."""
    return report_samples.all_samples()[request.param]


@pytest.fixture(params=["staff", "student"])
def either(request: pytest.FixtureRequest, sample: GradeReport) -> GradeReport:
    """Every sample in turn, for both audiences."""
    return sample if request.param == "staff" else for_students(sample)
