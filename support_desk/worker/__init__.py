"""What the worker does for the call center."""
