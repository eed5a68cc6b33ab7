"""Fixtures by outside thing, each a plugin of its own."""

pytest_plugins = ["fix_kafka", "fix_postgres"]
