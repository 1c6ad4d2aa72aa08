"""What happened and what was refused (O-16.2.7, O-19, O-20). This app imports none of ours."""
