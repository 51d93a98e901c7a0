"""Renderers of a `GradeReport`: HTML, Markdown, JSON and the terminal. They import only `grader.model`.

In comes a report as plain data; out go text, bytes and files. It is rendered as it is given: call `for_students` first
for what a student may see. `rendering` draws many of them in processes beside the grader.
"""

from .audience import for_students
from .files import write
from .html import render as render_html
from .markdown import render as render_markdown
from .terminal import render as render_terminal

__all__ = ["for_students", "render_html", "render_markdown", "render_terminal", "write"]
