"""Settings that every test shares."""

from __future__ import annotations

import sys
from pathlib import Path

# Published numbers and random graphs stand in modules beside the tests.
sys.path.insert(0, str(Path(__file__).parent))
