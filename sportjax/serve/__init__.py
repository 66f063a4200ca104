"""A web page of a finished run, for the browsers of this machine."""
