"""The rules of the service: documents, consents, target systems, contracts, subscriptions, calendar."""
