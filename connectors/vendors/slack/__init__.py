"""Slack: people and the messages of listed channels."""
