"""Intake and examination of applications, and the pages that show what follows for subscribers."""
