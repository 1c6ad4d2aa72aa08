"""Pure decisions about applications: values in, violations and findings out."""
