"""The module leaves the process, as a script may and a definition may not."""

from __future__ import annotations

import os
import sys

if "ORDERS_ACCOUNT" not in os.environ:
    sys.exit("set ORDERS_ACCOUNT")
