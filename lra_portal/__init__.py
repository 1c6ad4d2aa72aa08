"""The project: settings, addresses, the table of access, and the processes' entry points."""
