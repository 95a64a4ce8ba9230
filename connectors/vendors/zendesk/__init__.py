"""Zendesk Support: organisations, end users and tickets."""
