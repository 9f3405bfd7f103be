"""What `bench.identity` measures with: tables of people, a day of contacts, a centre that is full."""
