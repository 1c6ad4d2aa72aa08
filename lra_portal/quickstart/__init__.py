"""The quick start: a whole portal on one machine without Docker, root or installed servers."""
