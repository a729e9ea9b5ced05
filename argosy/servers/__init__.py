"""Real servers on this machine, each a context manager around a child process: for `argosy demo` and for the tests."""
