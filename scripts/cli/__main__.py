"""`python -m scripts.cli`, the same as `lead-engine`."""

from __future__ import annotations

from scripts.cli import main

if __name__ == "__main__":
    main()
