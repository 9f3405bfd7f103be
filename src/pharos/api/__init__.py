"""JSON for other systems: contacts in, the queue out, agents at work; webhooks are in `actions`."""
