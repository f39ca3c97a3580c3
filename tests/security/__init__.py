"""One file per class of attack."""
