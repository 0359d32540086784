"""What every venue of the sandbox is served with: a server, faults, a guard, a clock, jobs, limits."""
