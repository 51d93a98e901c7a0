"""What a rubric says of notebooks: how they are executed, and which numbers and plots of theirs are looked at."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from .strict import Positive, Share, Strict


class NotebookValue(Strict, frozen=True, kw_only=True):
    """A number that notebooks print; which cell prints it is told by its code."""

    title: str
    question: str
    code: str
    """Regular expression on the code of the cell and of the notebook's own functions that it calls."""
    activation: str = ""
    """The activation that the cell, or the nearest before it that names one, must name."""
    find: str
    """Regular expression on a line of output, with `{number}` where the number is."""
    which: Literal["first", "last"] = "first"
    """Which line, where several match."""
    data: bool = False
    """Whether it depends on the dataset; `expect` and `spread` are then looked up in that one's table."""
    expect: tuple[str, ...] = ()
    """Names in the reference's expected.toml, such as `toy.sigmoid.loss`; the first that is there is taken."""
    within: Share = 0.0
    """How far claimed and obtained may lie apart, as a share of the one obtained."""
    noise: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    """The same as a number; the larger of the two counts."""
    spread: tuple[str, ...] = ()
    """Name of a spread in expected.toml, in place of the two."""
    spreads: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    """How many of them claimed and obtained may lie apart."""


class NotebookPlotSpec(Strict, frozen=True):
    """A plot that a question asks for."""

    title: str
    question: str
    code: str
    activation: str = ""
    which: Literal["first", "last"] = "first"
    """Which image of a cell that draws several."""
    data: bool = False
    """Whether it depends on the dataset."""


class NotebookSize(Strict, frozen=True):
    """How a notebook says which dataset it was made on."""

    find: str
    """Regular expression on a line of output, with `{number}` where the number of training images is."""
    datasets: dict[str, tuple[int, ...]]
    """Dataset to that number."""


class Notebook(Strict, frozen=True, kw_only=True):
    """How a hand-in's notebook is executed, and what is looked at in it. No points depend on it."""

    execute: Literal["always", "light", "never"] = "always"
    """`light`: on small data where the module takes the solution's path and all that the file claims is known."""
    prefer: Literal["module", "notebook"] = "module"
    """Whose code is graded where the module and the notebook both define it, differently."""
    own_utils: bool = False
    """Whether a student's changed copy of a file that was handed out, such as utils.py, is used."""
    cell_wall: Positive
    """Seconds on the clock for one cell."""
    wall: Positive
    """Seconds on the clock for the whole notebook."""
    cpu: Positive
    """Seconds of computing for the whole notebook."""
    after_failure: Literal["continue", "stop"] = "continue"
    """What happens after a cell that fails or runs out of time."""
    data_variable: str = ""
    """The environment variable that names the folder of X.npy and y.npy to the handout's own code."""
    size: NotebookSize | None = None
    values: tuple[NotebookValue, ...] = ()
    plots: tuple[NotebookPlotSpec, ...] = ()
