"""Forms of web pages: what a submission says, and what marks the submission of a machine."""
