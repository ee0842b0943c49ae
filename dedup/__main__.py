"""Run the command line as `python -m dedup`."""

import sys

from dedup.cli import main

sys.exit(main())
