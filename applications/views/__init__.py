"""Pages of applications: the applicant's, the office's, the auditor's room."""
