"""What the benchmarks share. Each imports from here before it imports the product: a script's folder stands first on Python's path, where
resolution.py would be taken for the package of that name, so it is moved to the end."""

import sys
from pathlib import Path

_FOLDER = str(Path(__file__).parents[1])
if _FOLDER in sys.path:
    sys.path.remove(_FOLDER)
    sys.path.append(_FOLDER)
