"""What is true of every vendor and every transport. Knows no wire."""
