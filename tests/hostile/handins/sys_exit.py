"""End the program politely."""

import sys

sys.exit(0)
