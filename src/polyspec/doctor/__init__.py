"""Look for what may be wrong before it costs an order: environment, key files, and everything a client sees.

::

    print(diagnose("clob", live=True))

`diagnose` begins with the environment of the process; clients that exist already have ``client.doctor()``.
"""

from polyspec.core.findings import Diagnosis, Finding, Severity
from polyspec.doctor.diagnosing import configured, diagnose

__all__ = ["Diagnosis", "Finding", "Severity", "configured", "diagnose"]
