"""A third value of 240 MB with every loss: the grader keeps a hand-in's answers while it looks at them."""
