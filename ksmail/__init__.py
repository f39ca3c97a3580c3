"""ksmail: mail in, ticket, promised date, answer."""

__version__ = "0.1.0"
