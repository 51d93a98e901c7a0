"""What an assignment is, before anybody hands it in: its rubric, its reference, its data and its secret.

In come a rubric's file and the folder that it names; out come frozen `Rubric`, `Reference` and `Dataset`, or one line
about what is wrong in which field. That both agree with the kinds of check there are is found in `grading.loading`.
Import the module that you need (`from ..assignment.rubric import Rubric`): confined processes load this file.
"""
