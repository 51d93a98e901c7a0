"""Make what is derived from the solution: expected.toml, expected.npz and the students' mlp.py.

    python reference/ps3/build.py            write the three files (needs MNIST; about five minutes)
    python reference/ps3/build.py --template write the students' mlp.py only
    python reference/ps3/build.py --check    prove that the committed files are what the solution gives
    python reference/ps3/build.py --check --sample
                                             the same, with one training run for each dataset and activation

`--check` exits 0 where everything agrees, 1 otherwise, and says so where MNIST is not on the machine.
"""

from __future__ import annotations

import os

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_variable] = "1"  # one run a core, and sums in one order; before NumPy is imported

import argparse
import io
import multiprocessing
import statistics
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent))

from grader.assignment import datasets
from grader.assignment.reference import Reference
from grader.errors import DatasetError

ACTIVATIONS = ("sigmoid", "relu")
STARTS = {"mnist": 20, "digits": 40}
"""Starting states behind each accuracy threshold; digits has few test images, so it takes more."""
FIRST_SEED = 1000
SAME = 1e-10
"""Largest relative difference between a committed value and a fresh one: other BLAS libraries sum otherwise."""
EARLY, SAME_EARLY = 20, 1e-6
"""Steps of a training in which last-bit differences have not grown yet, and the bound there; histories are float32."""
SAME_LATER = 0.02
"""The bound for what long trainings come to. Without AVX-512, other kernels sum: single losses then differ by 0.3 %
after 20 epochs, the accuracy of a batch by an image, the median over a quarter of the steps by 0.04 %."""

Table = dict[str, Any]


def main() -> int:
    """Write or check; return the process's exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    parser.add_argument(
        "--sample", action="store_true", help="with --check: one run for each dataset and activation"
    )
    parser.add_argument("--template", action="store_true", help="write handout/mlp.py only")
    options = parser.parse_args()
    if options.template:
        write_template()
        return 0
    reference = Reference(HERE)
    names = ["digits"]
    try:
        prepare(reference, "mnist")
        names.append("mnist")
    except DatasetError as error:
        if not options.check:
            print(f"expected values need MNIST: {error}", file=sys.stderr)
            return 1
        print(f"MNIST was not checked: {error}")
    if options.check:
        return check(reference, names, sample=options.sample)
    table, histories = build(reference, names, STARTS)
    (HERE / "expected.toml").write_text(as_toml(table))
    (HERE / "expected.npz").write_bytes(as_npz(histories))
    write_template()
    return 0


def write_template() -> None:
    """Write the students' mlp.py."""
    (HERE / "handout" / "mlp.py").write_text(handout((HERE / "solution.py").read_text()))


def check(reference: Reference, names: list[str], sample: bool) -> int:
    """Compare the committed files with fresh ones; print what differs."""
    wrong = []
    if (HERE / "handout" / "mlp.py").read_text() != handout((HERE / "solution.py").read_text()):
        wrong.append("handout/mlp.py is not what solution.py gives")
    counts = {name: 1 if sample else STARTS[name] for name in names}
    table, histories = build(reference, names, counts)
    wrong += list(differences(table, reference.expected, "", sample))
    for key, fresh in histories.items():
        dataset, activation, history = key.split(".")
        committed = reference.answers.histories(dataset, activation)[history]
        if not same_history(committed, fresh):
            wrong.append(f"expected.npz: {key} differs")
    for line in wrong:
        print(line)
    print(f"{len(wrong)} differences ({', '.join(names)}; {sum(counts.values()) * 2} training runs)")
    return 1 if wrong else 0


def same_history(committed: np.ndarray, fresh: np.ndarray) -> bool:
    """Whether two histories begin alike, and come to the same."""
    if committed.shape != fresh.shape:
        return False
    steps = EARLY if len(fresh) > 10 * EARLY else 0  # of accuracies there is one for each epoch
    early = np.allclose(committed[:steps], fresh[:steps], rtol=SAME_EARLY, atol=SAME_EARLY)
    quarters = zip(np.array_split(committed, 4), np.array_split(fresh, 4), strict=True)
    return early and all(np.isclose(np.median(a), np.median(b), rtol=SAME_LATER) for a, b in quarters)


def differences(fresh: Table, committed: Table, path: str, sample: bool) -> list[str]:
    """Name the entries that differ; a sample's accuracies need only lie within six spreads."""
    wrong = []
    for key, value in fresh.items():
        where = f"{path}.{key}" if path else key
        if key not in committed:
            wrong.append(f"expected.toml: {where} is missing")
        elif isinstance(value, dict):
            wrong += differences(value, committed[key], where, sample)
        elif sample and key == "mean":
            if abs(value - committed[key]) > 6 * committed["spread"]:
                wrong.append(f"expected.toml: {where}: {committed[key]}, a fresh run gives {value}")
        elif not (sample and key in ("spread", "runs")):
            loose = path.startswith(("mnist", "digits"))
            tolerance = SAME_LATER if loose else SAME
            if not np.allclose(committed[key], value, rtol=tolerance, atol=tolerance if loose else 0):
                wrong.append(f"expected.toml: {where}: {committed[key]}, now {value}")
    return wrong


def build(
    reference: Reference, names: list[str], counts: dict[str, int]
) -> tuple[Table, dict[str, np.ndarray]]:
    """All expected values, and the histories of each dataset's and activation's first run."""
    table: Table = {"toy": {name: toy(reference, name) for name in ACTIVATIONS}}
    histories: dict[str, np.ndarray] = {}
    jobs = [(name, a, FIRST_SEED + k) for name in names for a in ACTIVATIONS for k in range(counts[name])]
    with multiprocessing.get_context("spawn").Pool() as pool:
        pending = pool.apply_async(handout_run) if "mnist" in names else None
        results = pool.map(run, jobs, chunksize=1)
        for name in names:
            table[name] = {}
            for activation in ACTIVATIONS:
                runs = [r for job, r in zip(jobs, results, strict=True) if job[:2] == (name, activation)]
                accuracies = [accuracy for accuracy, _ in runs]
                table[name][activation] = {
                    "mean": statistics.fmean(accuracies),
                    "spread": statistics.stdev(accuracies) if len(runs) > 1 else 0.0,
                    "runs": len(runs),
                }
                histories |= {f"{name}.{activation}.{key}": np.array(v) for key, v in runs[0][1].items()}
        if pending is not None:
            table["mnist"]["handout"] = pending.get()
    return table, histories


def toy(reference: Reference, activation: str) -> Table:
    """Losses of the toy problem."""
    params, (X, y) = reference.own("toy").toy_params(), reference.own("toy").toy_data()
    net = reference.answers.net(activation, params)
    training = reference.own("toy").TRAINING[activation]
    reg = reference.own("toy").REG
    loss, without = net.loss(X, y, reg=reg)[0], net.loss(X, y)[0]
    history = net.train(
        X, y, X, y, learning_rate=training.learning_rate, reg=training.reg, num_epochs=training.num_epochs
    )
    return {
        "loss": loss,
        "loss_without_reg": without,
        "final_loss": history["loss_history"][-1],
        "trained_loss": net.loss(X, y, reg=training.reg)[0],
    }


def prepare(reference: Reference, name: str) -> datasets.Dataset:
    """The prepared dataset; `DatasetError` where it is not on the machine."""
    return datasets.find(name, reference.datasets.SPLITS, recipe_version=reference.recipe_version)


def run(job: tuple[str, str, int]) -> tuple[float, dict[str, list[float]]]:
    """Train once from a starting state; return the test accuracy and the histories."""
    name, activation, seed = job
    reference = Reference(HERE)
    data = prepare(reference, name)
    np.random.seed(seed)
    net, history = train(reference, name, data, activation)
    return float((net.predict(data.load("X_test")) == data.load("y_test")).mean()), history


def train(reference: Reference, name: str, data: datasets.Dataset, activation: str) -> tuple[Any, Any]:
    """One training as the notebook does it, from NumPy's present global state."""
    recipe = reference.datasets.RECIPES[name]
    net = reference.solution.TwoLayerMLP(
        784, recipe.hidden_size, recipe.num_classes, std=recipe.std, activation=activation
    )
    history = net.train(
        data.load("X_train"),
        data.load("y_train"),
        data.load("X_val"),
        data.load("y_val"),
        learning_rate=recipe.learning_rate,
        learning_rate_decay=recipe.learning_rate_decay,
        reg=recipe.reg,
        num_epochs=recipe.num_epochs,
        batch_size=recipe.batch_size,
    )
    return net, history


def handout_run() -> Table:
    """The notebook's two MNIST runs, one after the other, from the state that `get_MNIST_data` leaves."""
    reference = Reference(HERE)
    data = prepare(reference, "mnist")
    np.random.seed(0)
    np.random.permutation(70_000)
    table: Table = {}
    for activation in ACTIVATIONS:
        net, history = train(reference, "mnist", data, activation)
        per_epoch = len(history["loss_history"]) // len(history["val_acc_history"])
        table[activation] = {
            "loss": history["loss_history"][per_epoch - 1 :: per_epoch],
            "train_acc": history["train_acc_history"],
            "val_acc": history["val_acc_history"],
        }
        for part in ("train", "val", "test"):
            predicted = net.predict(data.load(f"X_{part}"))
            table[activation][f"final_{part}"] = float((predicted == data.load(f"y_{part}")).mean())
    return table


def handout(source: str) -> str:
    """The students' template: the solution with each marked region replaced by what to do there.

    A region runs from `# gap: TEXT` (one or more lines) to `# instead: CODE` (one or more lines).
    """
    lines: list[str] = []
    instead: list[str] = []
    inside = False
    for line in source.splitlines():
        indent = line[: len(line) - len(line.lstrip())]
        text = line.strip()
        if text.startswith("# gap: "):
            first = not inside
            inside = True
            lines.append(f"{indent}# {'TODO ' if first else '     '}{text.removeprefix('# gap: ')}")
        elif text.startswith("# instead: "):
            instead.append(indent + text.removeprefix("# instead: "))
        else:
            if instead:
                lines += instead
                instead, inside = [], False
            if not inside:
                lines.append(line)
    if inside:
        raise ValueError("a gap without an end")
    return "\n".join(lines) + "\n"


def as_toml(table: Table) -> str:
    """TOML of nested tables of numbers and lists of numbers."""
    lines = ["# Generated by build.py from solution.py. Do not edit: run build.py, then build.py --check."]

    def write(entries: Table, path: str) -> None:
        lines.extend(["", f"[{path}]"] if path else [])
        lines.extend(f"{key} = {value!r}" for key, value in entries.items() if not isinstance(value, dict))
        for key, value in entries.items():
            if isinstance(value, dict):
                write(value, f"{path}.{key}" if path else key)

    write(table, "")
    return "\n".join(lines) + "\n"


def as_npz(arrays: dict[str, np.ndarray]) -> bytes:
    """An `.npz` whose bytes depend on the arrays alone (float32, which is plenty for a plot)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.save(member, array.astype(np.float32), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), member.getvalue())
    return buffer.getvalue()


if __name__ == "__main__":
    sys.exit(main())
