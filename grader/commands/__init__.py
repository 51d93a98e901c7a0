"""The commands of `grade`, a file for each kind of work. What a command needs is imported inside it."""
