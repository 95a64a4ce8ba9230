"""What takes too long for every run: more histories, more kills, a larger company, two at once.

CROSSWALK_TEST_HISTORIES is read when the histories' module is loaded, so it is set here, before.
"""

import os

os.environ.setdefault("CROSSWALK_TEST_HISTORIES", "300")
