"""One hand-in, and a class of them: load the assignment, choose the sandbox, observe, judge, write.

In come a rubric's path and `Submission`s; out come findings and reports, kept in the gradebook where there is one. It
is the only room that brings student code, checks and marks together. Import the module that you need
(`from ..grading.runner import Run`): the student edition takes `runner` and leaves `batch`.
"""
