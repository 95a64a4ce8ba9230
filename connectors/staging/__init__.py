"""Landed records are mapped, and what they say is written to staging."""
