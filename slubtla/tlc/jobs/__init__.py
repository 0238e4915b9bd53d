"""Many runs, the longest first: on this machine's cores, in other processes, on other machines.

::

    jobs → longest first → threads here          → results
                         ↘ errands → an executor ↗   (with their run directories as bytes)
"""

from __future__ import annotations

from slubtla.tlc.jobs.job import AnySpec, Finding, Job
from slubtla.tlc.jobs.running import Where, run_jobs

__all__ = ["AnySpec", "Finding", "Job", "Where", "run_jobs"]
