"""A wave of requests sent to a running centre through its real doors, over HTTP and nothing else."""
