"""What keeps a run going: progress, queues between threads, the journal."""
