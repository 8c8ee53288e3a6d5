"""Read by the interpreter at its start, when bartizan-run names this folder."""

import os
import sys

import bartizan._launch  # noqa: F401

# Whoever has a sitecustomize of their own shall have it.
_here = os.path.dirname(os.path.abspath(__file__))
_path, sys.path = sys.path, [path for path in sys.path if os.path.abspath(path or ".") != _here]
_mine = sys.modules.pop("sitecustomize", None)
try:
    import sitecustomize  # noqa: F401
except ImportError:
    if _mine is not None:
        sys.modules["sitecustomize"] = _mine
finally:
    sys.path = _path
