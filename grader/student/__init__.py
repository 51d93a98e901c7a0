"""The boundary between the grader and student code: parent side here, child side in `child`."""
