"""The call center: tickets, verification of callers, answers."""
