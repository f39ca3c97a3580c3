"""A whole desk on one machine."""
