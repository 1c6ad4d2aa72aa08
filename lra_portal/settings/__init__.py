"""One settings module per kind of process; each reads only what that process may know."""
