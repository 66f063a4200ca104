"""Reports, plots and tables that people look at."""
