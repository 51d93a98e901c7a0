"""Archives and a course system's list, opened by a confined process: `process` asks, `work` answers."""
