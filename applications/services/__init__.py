"""What happens to applications: `intake` on the applicant's side, `examination`, `asking` and `deciding` in the office."""
