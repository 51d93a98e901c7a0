"""What all tests share: a dataset cache of their own, and the rubric and reference of the repository."""

from __future__ import annotations

import os
import shutil
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings

from grader.assignment import datasets
from grader.assignment.reference import Reference
from grader.assignment.rubric import Rubric
from grader.errors import GraderError
from grader.grading.confinement import sandbox_for
from grader.grading.loading import load_assignment
from grader.grading.runner import Run
from grader.machine.workspace import workspace
from grader.student.sandbox import Practice, Sandbox
from grader.student.slots import Slots
from tests.report.browser import Browser, Chromium

# How long an example takes says something of the machine. Where `CI` is set, Hypothesis draws the same ones each time.
settings.register_profile("tests", parent=settings(), deadline=None)
settings.load_profile("tests")

ROOT = Path(__file__).resolve().parent.parent
SUBMISSIONS = ROOT / "submissions"


def pytest_configure() -> None:
    """Interrupts count for what tests start, also where a CI that runs in the background ignores them."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_xdist_auto_num_workers() -> int:
    """Half as many again as there are cores: a third of the time tests wait, for processes that begin or end."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores * 3 // 2)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of a battery of cases the first two are run with the fast tests, all others with the slow ones."""
    seen: Counter[str] = Counter()
    for item in items:
        if item.get_closest_marker("battery"):
            name = item.nodeid.partition("[")[0]
            seen[name] += 1
            if seen[name] > 2:
                item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """No test reads or writes the user's cache. Datasets are prepared once for all processes that run tests."""
    cache, beside = tmp_path_factory.mktemp("cache"), tmp_path_factory.getbasetemp()
    shared = (beside.parent if "PYTEST_XDIST_WORKER" in os.environ else beside) / "datasets"
    shared.mkdir(exist_ok=True)
    (cache / "datasets").symlink_to(shared)
    before = os.environ.get("GRADE_CACHE")
    os.environ["GRADE_CACHE"] = str(cache)
    yield cache
    if before is None:
        del os.environ["GRADE_CACHE"]
    else:
        os.environ["GRADE_CACHE"] = before


@pytest.fixture(scope="session")
def ps3() -> Rubric:
    """The repository's rubric."""
    return load_assignment()[0]


@pytest.fixture(scope="session")
def reference() -> Reference:
    """The repository's answers."""
    return load_assignment()[1]


def prepared(reference: Reference, name: str) -> datasets.Dataset:
    """A prepared dataset in the tests' cache."""
    return datasets.find(name, reference.datasets.SPLITS, recipe_version=reference.recipe_version)


@pytest.fixture(scope="session")
def temporary() -> Iterator[Path]:
    """A workspace for all tests, which workers can enter though they be another user."""
    with workspace() as folder:
        yield folder


@pytest.fixture(scope="session")
def sandbox(ps3: Rubric, reference: Reference, temporary: Path) -> Sandbox:
    """The sandbox that `grade` would use here; none where no tier holds (tests/hostile then fails in CI)."""
    try:
        return sandbox_for(ps3, reference, temporary).sandbox
    except GraderError:
        return Practice(("numpy", "scipy", "matplotlib"))


def missing(what: str) -> NoReturn:
    """Fail in CI, and skip elsewhere."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """A running browser; the shell without a window of its own, where it is installed, takes a third of the time."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    program = next(filter(None, map(shutil.which, names)), None)
    if program is None:
        missing(f"none of {', '.join(names)} is on PATH: pages were not looked at")
    running = Chromium(program, tmp_path_factory.mktemp("browser"))
    yield running
    running.close()


@pytest.fixture
def browser(chromium: Chromium) -> Iterator[Browser]:
    """A tab of its own."""
    with chromium.tab() as tab:
        yield tab


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core, from the npm registry: the file that the environment variable AXE names."""
    if not os.environ.get("AXE"):
        missing("AXE does not name axe-core's axe.min.js: accessibility was not checked")
    return Path(os.environ["AXE"]).read_text("utf-8")


@pytest.fixture(scope="session")
def on_digits(ps3: Rubric, reference: Reference, sandbox: Sandbox, temporary: Path) -> Run:
    """Settings to grade with on digits."""
    return Run(ps3, reference, prepared(reference, "digits"), sandbox, Slots(2), temporary)


@pytest.fixture(scope="session")
def on_mnist(ps3: Rubric, reference: Reference, sandbox: Sandbox, temporary: Path) -> Run:
    """Settings to grade with on MNIST, where GRADE_DATA says where it is."""
    if not os.environ.get("GRADE_DATA"):
        pytest.skip("GRADE_DATA is not set: MNIST did not run")
    return Run(ps3, reference, prepared(reference, "mnist"), sandbox, Slots(2), temporary)
