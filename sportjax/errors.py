"""The one exception for what a user can mend: its message is one line that names the input and the remedy."""


class InputError(ValueError):
  """Bad input: a file, record or flag that the user can mend. `launch.py` prints the line and exits with status 2."""
