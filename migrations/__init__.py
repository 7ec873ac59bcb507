"""The schema of the native database, as steps from one version of the code to the next."""
