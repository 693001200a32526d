"""The arq worker with batched claims and settlements: needs Redis and nothing else."""
