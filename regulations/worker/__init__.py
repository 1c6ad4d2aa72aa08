"""What the worker does for the register: reads, checks and loads files of contracts."""
