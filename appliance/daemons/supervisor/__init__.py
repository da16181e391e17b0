"""The service manager's stand-in for make run and the tests."""
