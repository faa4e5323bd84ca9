"""`python -m tracing_starter_kit`, the same as `kit`."""

import sys

from tracing_starter_kit.kit.cli import main

sys.exit(main())
