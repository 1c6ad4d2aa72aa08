"""What the worker does for applications: draw pages, look at deadlines."""
