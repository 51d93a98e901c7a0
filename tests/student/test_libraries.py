"""Packages that hand-ins may use, what these need, and nothing else that is installed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.student.child.gate import Gate
from grader.student.client import Student
from grader.student.faults import StudentError
from grader.student.sandbox import Practice
from grader.student.sandbox.libraries import installed
from grader.student.sandbox.view import of_this_machine

from .ways import WAYS

ALLOWED = ("numpy", "scipy", "matplotlib")


def test_what_packages_need_comes_with_them_and_nothing_else():
    found = installed(ALLOWED)
    names = {path.name for path in found.paths}
    assert {"numpy", "scipy", "matplotlib", "PIL", "kiwisolver", "dateutil", "pylab.py"} <= names
    assert not names & {"sklearn", "joblib", "msgspec", "grader", "IPython", "pytest", "pip"}
    assert {"numpy", "mpl_toolkits", "PIL", "pylab"} <= set(found.modules)
    assert not set(found.modules) & {"sklearn", "numpy.libs", "numpy-2"}


def test_one_package_has_only_its_own():
    assert {path.name.partition("-")[0].partition(".")[0] for path in installed(("numpy",)).paths} == {
        "numpy"
    }


@pytest.mark.slow
def test_a_package_under_another_name_than_its_distribution():
    names = {path.name for path in installed(("sklearn",)).paths}
    assert {"sklearn", "joblib", "threadpoolctl.py", "numpy"} <= names


def test_what_is_not_installed_is_left_to_its_import():
    found = installed(("surely_not_installed",))
    assert (found.paths, found.modules) == ((), ("surely_not_installed",))


def test_a_worker_sees_of_the_packages_those_alone():
    libraries = installed(("numpy",)).paths
    seen = of_this_machine((), libraries)
    readable, _ = seen.readable()
    site = next(path for path in libraries if path.name == "numpy").parent
    assert str(site / "numpy") in readable
    inside = [path for path in readable if Path(path).is_relative_to(site)]
    assert set(inside) == set(map(str, libraries))
    assert not any(site.is_relative_to(path) for path in readable)


@pytest.mark.parametrize(
    "name", ["numpy", "numpy.linalg", "os", "_sysconfigdata__none", "mlp", "helper", "beside.x"]
)
def test_the_gate_lets_pass(name: str, tmp_path: Path):
    for file in ("mlp.py", "helper.py", "_sysconfigdata__none.py"):
        (tmp_path / file).touch()
    (tmp_path / "beside").mkdir()
    assert Gate(["numpy"], str(tmp_path)).find_spec(name) is None  # type: ignore[func-returns-value]


@pytest.mark.parametrize("name", ["sklearn", "torch", "numpyx", "grader", "sklearn.datasets"])
def test_the_gate_refuses_as_if_it_were_not_installed(name: str, tmp_path: Path):
    with pytest.raises(ModuleNotFoundError, match=f"No module named '{name}'") as raised:
        Gate(["numpy"], str(tmp_path)).find_spec(name)
    assert raised.value.name == name


USES = """
import importlib
class Net:
    def __init__(self): self.params = {}
    def uses(self):
        import scipy.stats, sysconfig, PIL.Image
        sysconfig.get_config_vars()
        return 1
    def foreign(self, name): return str(importlib.import_module(name))
    def guarded(self):
        try:
            import sklearn
        except ImportError:
            return 0
        return 1
    def ungated(self, name):
        import sys
        sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__name__ != "Gate"]
        return str(importlib.import_module(name))
"""


@pytest.mark.slow
@pytest.mark.parametrize("tier", [*WAYS, "practice"])
def test_a_worker_imports_what_is_allowed_and_nothing_else(
    tier: str, make_student: Callable[..., Student], sandbox_of: Callable[[str], object]
):
    net = make_student(USES, sandbox=sandbox_of(tier)).new()
    assert float(net.uses()) == 1
    assert float(net.guarded()) == 0
    for name in ("sklearn", "msgspec", "joblib"):
        for method in ("foreign", "ungated"):
            if (tier, method) == ("practice", "ungated"):
                continue  # nothing holds student code there
            with pytest.raises(StudentError) as raised:
                net.call(method, name)
            assert (raised.value.kind, raised.value.module) == ("ModuleNotFoundError", name)


@pytest.fixture
def sandbox_of() -> Callable[[str], object]:
    def make(tier: str) -> object:
        if tier == "practice":
            return Practice(ALLOWED)
        try:
            return WAYS[tier]((), None, ALLOWED)
        except OSError as error:
            pytest.skip(str(error))

    return make
