"""Fixtures by outside thing, each a plugin of its own, and what holds for every test."""

pytest_plugins = ["fix_kafka", "fix_postgres", "never_skipped", "by_patience"]
