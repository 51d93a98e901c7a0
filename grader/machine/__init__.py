"""What is of this machine and of no assignment: processes, folders, fonts, and what runs short.

In come paths and commands; out come processes that end with ours, folders that are there whole or not at all, and a
machine's refusals in words. Import the module that you need: this file stays empty, because confined processes and
`grade --help` load it.
"""
