"""Renderers of a `GradeReport`: HTML, Markdown, JSON and the terminal. They import only `grader.model`.

In comes a report as plain data; out go text, bytes and files. It is rendered as it is given: call
`audience.for_students` first for what a student may see. `rendering` draws many of them in processes beside the grader.
"""
