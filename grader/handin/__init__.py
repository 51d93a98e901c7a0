"""From what somebody handed in to a safe copy of it: exports, archives, folders, names, the class list.

In come a course system's export or any folder; out come `Submission`s with the files that are graded, staged copies of
them, and whose they are. Nothing of it is executed here, and what is in the files is read in `reading`. Import the
module that you need (`from ..handin.submission import Submission`): confined processes load this file.
"""
