"""What the worker does for people: hand their notices to the mail server."""
