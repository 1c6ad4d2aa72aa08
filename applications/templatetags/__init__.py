"""Words for staff templates."""
