"""What a mail means. No tickets, no database."""
