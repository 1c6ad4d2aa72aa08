"""Forms of applications: the applicant's and the office's."""
