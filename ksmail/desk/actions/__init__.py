"""Carrying out orders: one function for each verb."""
