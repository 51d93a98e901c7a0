"""What leaves the house as an archive, and what runs of it elsewhere.

In come an assignment and the package's own sources; out come the handout for students, with an edition of the grader
that holds no answers, and the autograder for Gradescope. `practice` and `upload` are what these run. Import the module
that you need: the student edition takes `practice` and leaves the rest.
"""
