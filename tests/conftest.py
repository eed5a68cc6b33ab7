"""Fixtures by outside thing, each a plugin of its own, and what holds for every test."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["fix_kafka", "fix_postgres", "never_skipped", "by_patience"]

# What is true does not depend on how fast the machine is; all else is as Hypothesis has it, which
# under CI draws the same examples each time.
settings.register_profile(
    "hengwen", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("hengwen")
