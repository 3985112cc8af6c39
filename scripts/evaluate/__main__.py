"""`python -m scripts.evaluate`: which figures to measure, and where to draw them."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from domain.errors import LeadEngineError
from scripts.evaluate.csv_leads import DATA
from scripts.evaluate.report import report_olist, report_prediction, report_surge, report_x_education

__all__ = ["evaluate"]


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument(
    "what", type=click.Choice(["surge", "x-education", "olist", "prediction", "all"]), default="all"
)
@click.option("--plot", "folder", type=click.Path(path_type=Path), help="Draw PNGs into this folder, too.")
@click.option("--leads", default=20_000, show_default=True, help="Simulated leads.")
@click.option("--seed", default=7, show_default=True, help="The same seed makes the same leads.")
@click.option("--data", type=click.Path(path_type=Path), default=DATA, help="Where the public data sets lie.")
def evaluate(what: str, folder: Path | None, leads: int, seed: int, data: Path) -> None:
    """Measure what docs/intelligence.md says of the numbers: by simulation, and on public data sets."""
    try:
        if folder is not None:
            from scripts.evaluate.plots import plotting

            plotting()
        if what in ("surge", "all"):
            report_surge(leads, seed, folder)
        if what in ("x-education", "all"):
            report_x_education(data)
        if what in ("olist", "all"):
            report_olist(data)
        if what in ("prediction", "all"):
            report_prediction(data)
    except LeadEngineError as error:
        click.echo(str(error), err=True)
        sys.exit(1)


if __name__ == "__main__":
    evaluate(prog_name="python -m scripts.evaluate")
