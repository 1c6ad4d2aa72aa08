"""Invented people, companies and rules, for the quick start, the demo and the browser's story."""
