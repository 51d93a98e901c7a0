"""Reading what a student handed in, in a confined process with limits: `process` asks, `work` answers."""
