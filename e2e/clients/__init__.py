"""Clients that others wrote, as their users use them."""
