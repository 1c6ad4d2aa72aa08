"""What happens to applications: intake on the applicant's side; examining, asking, deciding in the office."""
