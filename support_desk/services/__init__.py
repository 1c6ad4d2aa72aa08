"""What happens at the call center: tickets, verifying callers, doing things for them."""
