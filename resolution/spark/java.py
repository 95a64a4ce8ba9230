"""Spark runs on Java, which no Python package brings."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from resolution.dedupe.errors import DedupeError

OLDEST = 17


def check_java() -> None:
    """DedupeError where Java is missing or too old."""
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    advice = f"--engine spark needs Java {OLDEST} or newer: install it (Debian, Ubuntu: apt-get install openjdk-17-jre-headless)"
    if java is None or not Path(java).exists():
        raise DedupeError(f"there is no Java here. {advice}, or set JAVA_HOME")
    told = subprocess.run([java, "-version"], capture_output=True, text=True).stderr
    found = re.search(r'version "(\d+)', told)
    if found is None or int(found[1]) < OLDEST:
        raise DedupeError(f"{java} is {told.splitlines()[0] if told else 'no Java'}. {advice}, and set JAVA_HOME to it")
