"""Many runs, the longest first: on this machine's cores, in other processes, on other machines."""

from __future__ import annotations

from slubtla.tlc.jobs.job import Finding, Job
from slubtla.tlc.jobs.scheduler import Where, run_jobs

__all__ = ["Finding", "Job", "Where", "run_jobs"]
