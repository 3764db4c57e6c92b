"""What is known about problems in general: their codes, and the severities that users set for these."""
