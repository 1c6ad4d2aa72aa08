"""The public site: what anyone may read, and the stored bytes that relying parties fetch."""
