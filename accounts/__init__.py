"""People: who they are, what they may do, and how a notice reaches them."""
