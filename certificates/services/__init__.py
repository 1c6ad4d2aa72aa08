"""What happens to orders and certificates, one module per concern; each function is one transaction."""
