"""The shadow process: compares until SIGTERM, or until its supervisor is gone.

Started by the supervisor as `python -m proxy.shadow`, with a `Handover` in its environment.
"""

import sys

from proxy.shadow.starting import main

if __name__ == "__main__":
    sys.exit(main())
