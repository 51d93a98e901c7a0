"""From what was found to what it is worth: pure functions of findings and a rubric, with no file and no process.

In come `Findings`, the rubric's points, and what persons or the calendar say; out come a `GradeReport`, points taken
for being late, and whether it is enough. Import the module that you need (`from ..marking.findings import Findings`).
"""
