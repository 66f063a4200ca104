"""The simulated athletes: motion, mistakes, words and filming."""
