"""Fixed values by which results in the simulated world are judged; they change only with the world's version."""

# Mean joint error of a clip's poses, in units of twice the torso, above which its teacher is held unreliable. Chosen as
# about the median of the teacher's errors on the quickstart's clips, before a student of this very teacher was compared
# on them.
UNRELIABLE_ERROR = 0.4
