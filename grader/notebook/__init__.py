"""Reading notebooks that students hand in. Nothing in here runs their code."""
