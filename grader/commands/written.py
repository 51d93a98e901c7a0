"""`grade written`."""

from __future__ import annotations

from pathlib import Path

import click

from . import common
from .suggesting import Suggesting


@click.group("written", cls=Suggesting)
def written_group() -> None:
    """Written derivations alone."""


@written_group.command("check")
@click.argument("file", type=common.PathType)
@click.option("--rubric", "rubric_path", type=common.PathType, help="Rubric to grade by [Problem Set 3].")
def written_check(file: Path, rubric_path: Path | None) -> None:
    """Judge the derivations in a notebook: for each the formula, the verdict and what is wrong."""
    from ..grading import runner
    from ..report.safe_text import printable

    rubric, reference = common.assignment(rubric_path)
    for question in runner.derivations(file, rubric, reference):
        for result in question.checks:
            click.echo(
                f"{question.id} {result.title}: {result.earned} / {result.points} {result.outcome.value}"
            )
            lines = (result.formula, result.message, result.diagnosis, *result.notes)
            lines += tuple(f"{c.label}: yours {c.observed}, right {c.expected}" for c in result.comparisons)
            for line in filter(None, lines):
                click.echo(f"    {printable(line)}")


@written_group.command("explain")
@click.argument("latex")
@click.option("--question", default="Q3.1", help="Question whose symbols to take [Q3.1, which has all].")
@click.option("--rubric", "rubric_path", type=common.PathType, help="Rubric to grade by [Problem Set 3].")
def written_explain(latex: str, question: str, rubric_path: Path | None) -> None:
    """Show how a formula is read: its parts with their shapes, and every reading that is tried.

    A reading has a shape and a value at an example, and is marked where it is the right answer to a question.
    """
    from rich.text import Text
    from rich.tree import Tree

    from ..report.safe_text import printable
    from ..written.explain import Part, explain

    _, reference = common.assignment(rubric_path)

    def named(part: Part) -> Text:
        return Text(printable(f"{part.what}  ({part.shapes})"))

    def grown(part: Part, tree: Tree) -> Tree:
        for child in part.parts:
            grown(child, tree.add(named(child)))
        return tree

    for form in explain(reference.derivations, latex, question):
        click.echo(printable(form.latex))
        if form.tree is None:
            click.echo(f"not read: {printable(form.trouble)}")
            continue
        common.console().print(grown(form.tree, Tree(named(form.tree))))
        for number, tried in enumerate(form.tried, 1):
            right = f"  <- right for {', '.join(tried.right_for)}" if tried.right_for else ""
            click.echo(printable(f"  reading {number}, {tried.how}: {tried.shape}, {tried.value}{right}"))
