"""A desk at simulated time: the real stories over a mailbox and a transport that are only made up."""
