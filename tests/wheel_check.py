"""Run in an environment with only the wheel: every room, schema and SQL file is there, and ours."""

import sys
from importlib import import_module
from importlib.metadata import packages_distributions, version
from importlib.resources import files

ROOMS = (
    *("domain", "schemas", "admission", "eventlog", "vault"),
    *("publishers", "projections", "evidence", "consumers", "app"),
)


def main() -> None:
    """Print what was checked; an assertion says what is wrong."""
    owners = packages_distributions()
    for room in ROOMS:
        # Names as common as ours may come with another distribution and overwrite us.
        assert owners[room] == ["hengwen"], (room, owners[room])
        import_module(room)
    records = import_module("schemas.files").RECORDS
    schemas = {path.name for path in files("schemas").iterdir() if path.name.endswith(".avsc")}
    assert {f"{name}.avsc" for name in records} <= schemas
    import_module("schemas.codec")
    assert [path for path in files("projections").iterdir() if path.name.endswith(".sql")]
    sys.stdout.write(f"hengwen {version('hengwen')}: {len(ROOMS)} rooms, {len(schemas)} schemas\n")


if __name__ == "__main__":
    main()
