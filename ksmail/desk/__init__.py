"""What to do about it. Pure: no input or output, no clock."""
