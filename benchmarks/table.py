"""The table of ``make bench``: rows from what was measured, and the ways they are shown."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from rich.table import Table

ADMISSION_TARGETS: Final = {"kafka-python": 0.6, "librdkafka": 0.5}
REBUILD_TARGET: Final = 0.15
LIBRARY_TARGET: Final = 20.0
P99_MS_MAX: Final = 500
RESTART_S_MAX: Final = 5.0
GROWTH_MAX: Final = 1.1
"""Peak memory at 10⁶ events against that at 10⁵."""
VERIFICATION_TARGET: Final = 0.5
AGAIN_TARGET: Final = 1.0
LEAVES_PER_S: Final = 200_000
PROOF_LEAVES: Final = 10_000_000
PROOF_MS_MAX: Final = 1.0
COLUMNS: Final = ("what", "figure", "against", "target", "met")
BEGIN: Final = "<!-- figures: begin -->"
END: Final = "<!-- figures: end -->"


class Row(NamedTuple):
    """One line of the table; *met* is None where there is no target."""

    what: str
    figure: str
    against: str = ""
    target: str = ""
    met: bool | None = None

    @property
    def mark(self) -> str:
        """How *met* is shown."""
        return "" if self.met is None else "✔" if self.met else "✘"


def admission_rows(found: dict[str, Any]) -> Iterator[Row]:
    """Rate, ratio, refusals, restart and memory of one run of admission."""
    target = ADMISSION_TARGETS[found["client"]]
    yield Row(
        f"admission, {found['client']}, {found['load']}, {_core(found)}, "
        f"{found['payments']:,} payments",
        f"{found['admission_per_s']:,}/s = {found['ratio']:.2f}",
        f"bare loop {found['bare_per_s']:,}/s", f"≥ {target}", found["ratio"] >= target,
    )  # fmt: skip
    yield Row("  refused", f"{found['refused']:,}", "", "0", found["refused"] == 0)
    yield Row(
        "  restart", f"{found['restart_s']} s", "", f"≤ {RESTART_S_MAX:.0f} s",
        found["restart_s"] <= RESTART_S_MAX,
    )  # fmt: skip
    yield Row("  peak memory", f"{found['peak_mib']:,} MiB")


def _core(found: dict[str, Any]) -> str:
    return "compiled" if found["compiled"] else "sources"


def stage_rows(runs: Sequence[dict[str, Any]]) -> Iterator[Row]:
    """Microseconds by stage, the runs side by side."""
    order: dict[str, list[str]] = {}
    for found in runs:
        order.setdefault(found["client"], []).append(found["load"])
    names = [f"{client} {' · '.join(loads)}" for client, loads in order.items()]
    yield Row("admission, µs per payment by stage", " · ".join(names))
    for stage in dict.fromkeys(stage for found in runs for stage in found["us_per_payment"]):
        figures = [found["us_per_payment"].get(stage, 0.0) for found in runs]
        yield Row(f"  {stage}", " · ".join(f"{us:.1f}" for us in figures))


def growth_row(few: dict[str, Any], many: dict[str, Any]) -> Row:
    """Peak memory of two runs that differ in the number of payments."""
    growth = many["peak_mib"] / few["peak_mib"]
    return Row(
        f"peak memory, {many['client']}, {many['payments']:,} payments",
        f"{many['peak_mib']:,} MiB = {growth:.2f}",
        f"{few['payments']:,} payments {few['peak_mib']:,} MiB", f"≤ {GROWTH_MAX}",
        growth <= GROWTH_MAX,
    )  # fmt: skip


def model_rows(found: dict[str, Any]) -> Iterator[Row]:
    """Read models."""
    yield Row(
        f"rebuild of all {found['models']} read models, {found['events']:,} events",
        f"{found['rebuild_per_s']:,}/s = {found['rebuild_ratio']:.2f}",
        f"bare consume {found['consume_per_s']:,}/s", f"≥ {REBUILD_TARGET}",
        found["rebuild_ratio"] >= REBUILD_TARGET,
    )  # fmt: skip
    times = found["balances_times_library"]
    yield Row(
        "balances alone", f"{found['balances_per_s']:,}/s = {times} ×",
        f"ProjectionRunner {found['library_per_s']:,}/s", f"≥ {LIBRARY_TARGET:.0f} ×",
        times >= LIBRARY_TARGET,
    )  # fmt: skip
    yield Row(
        "  against commits that wait for the disk", f"{found['balances_times_library_durable']} ×",
        f"ProjectionRunner {found['library_durable_per_s']:,}/s",
    )  # fmt: skip


def latency_rows(found: dict[str, Any]) -> Iterator[Row]:
    """Submission to queryable."""
    rate = f"{found['payments']:,} payments at {found['rate_per_s']:,}/s"
    yield Row("submission to queryable, p50", f"{found['p50_ms']} ms", rate)
    yield Row(
        "submission to queryable, p99", f"{found['p99_ms']} ms", rate, f"< {P99_MS_MAX} ms",
        found["p99_ms"] < P99_MS_MAX,
    )  # fmt: skip


def vault_rows(found: dict[str, Any]) -> Iterator[Row]:
    """Sealing, and signatures as admission checks them."""
    yield Row("vault: seals, persons new to it", f"{found['seals_new_per_s']:,}/s", "calls of 512")
    yield Row("vault: seals, persons known", f"{found['seals_known_per_s']:,}/s", "calls of 512")
    yield Row("signature checks, one by one", f"{found['checks_single_per_s']:,}/s")
    yield Row("signature checks, batches of 512", f"{found['checks_batched_per_s']:,}/s")


def tree_rows(found: dict[str, Any]) -> Iterator[Row]:
    """The Merkle tree."""
    yield Row(
        "tree: leaves appended, one core", f"{found['leaves_per_s']:,}/s = {found['ratio']:.2f}",
        f"bare SHA-256 {found['bare_sha256_per_s']:,}/s", f"≥ {LEAVES_PER_S:,}/s",
        found["leaves_per_s"] >= LEAVES_PER_S,
    )  # fmt: skip
    yield Row("tree: tiles and bundles written", f"{found['written_per_s']:,} events/s")
    yield Row(
        f"tree: proof out of {found['leaves']:,} leaves, p99", f"{found['proof_ms_p99']} ms",
        f"p50 {found['proof_ms_p50']} ms", f"< {PROOF_MS_MAX:.0f} ms at {PROOF_LEAVES:,}",
        found["proof_ms_p99"] < PROOF_MS_MAX if found["leaves"] >= PROOF_LEAVES else None,
    )  # fmt: skip


def verification_rows(found: dict[str, Any]) -> Iterator[Row]:
    """A pack verified, and its decisions made again."""
    yield Row(
        f"verification of a pack, one core, {found['events']:,} events",
        f"{found['checked_per_s']:,}/s = {found['checked_ratio']:.2f}",
        f"bare decode {found['bare_per_s']:,}/s", f"≥ {VERIFICATION_TARGET}",
        found["checked_ratio"] >= VERIFICATION_TARGET,
    )  # fmt: skip
    yield Row("  peak memory", f"{found['checked_peak_mib']:,} MiB")
    yield Row(
        "re-performance", f"{found['again_per_s']:,}/s = {found['again_ratio']:.2f}",
        f"live admission, embedded log {found['live_per_s']:,}/s", f"≥ {AGAIN_TARGET}",
        found["again_ratio"] >= AGAIN_TARGET,
    )  # fmt: skip
    yield Row("  peak memory", f"{found['again_peak_mib']:,} MiB")
    yield Row(f"verification, everything, {found['cores']} cores", f"{found['whole_per_s']:,}/s")
    yield Row("export of a pack, without workbook", f"{found['export_per_s']:,}/s")


def verification_growth_rows(few: dict[str, Any], many: dict[str, Any]) -> Iterator[Row]:
    """Peak memory of verifying two packs that differ in size."""
    for name, peak in (("verification", "checked_peak_mib"), ("re-performance", "again_peak_mib")):
        growth = many[peak] / few[peak]
        yield Row(
            f"peak memory, {name}, {many['events']:,} events",
            f"{many[peak]:,} MiB = {growth:.2f}", f"{few['events']:,} events {few[peak]:,} MiB",
            f"≤ {GROWTH_MAX}", growth <= GROWTH_MAX,
        )  # fmt: skip


def rows_of(figures: dict[str, Any]) -> list[Row]:
    """All rows, from the figures of one run."""
    rows: list[Row] = []
    for found in figures["admission"]:
        rows += admission_rows(found)
    rows += stage_rows([found for found in figures["admission"] if not found["compiled"]])
    rows += [growth_row(few, many) for few, many in figures["growth"]]
    rows += model_rows(figures["models"])
    rows += latency_rows(figures["latency"])
    rows += vault_rows(figures["vault"])
    rows += tree_rows(figures["tree"])
    few, *more = figures["verification"]
    rows += verification_rows(more[-1] if more else few)
    for many in more:
        rows += verification_growth_rows(few, many)
    return rows


def rich_table(rows: Sequence[Row]) -> Table:
    """For a terminal."""
    table = Table(*COLUMNS)
    for row in rows:
        table.add_row(*row[:4], row.mark)
    return table


def markdown(rows: Sequence[Row], machine: str) -> str:
    """For a document."""
    missed = [f"{row.what.strip()} ({row.figure}, target {row.target})"
              for row in rows if row.met is False]  # fmt: skip
    lines = [
        f"Measured on {machine}.", "",
        f"| {' | '.join(COLUMNS)} |", "|---" * len(COLUMNS) + "|",
        *(f"| {' | '.join((_cell(row.what), *row[1:4], row.mark))} |" for row in rows), "",
        f"**Targets missed in this run:** {'; '.join(missed) or 'none'}.",
    ]  # fmt: skip
    return "\n".join(lines)


def _cell(what: str) -> str:
    """The first column; rows that belong to the one above are set in."""
    return f"– {what.strip()}" if what.startswith(" ") else what


def written(document: str, block: str) -> str:
    """
    *document* with what stands between its two marks replaced by *block*.

    Raises:
        ValueError: the marks are missing.
    """
    before, _, rest = document.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError(f"no {BEGIN} … {END}")
    return f"{before}{BEGIN}\n{block}\n{END}{after}"
