"""``python -m polyspec.cli``."""

import sys

from polyspec.cli import main

sys.exit(main())
