"""A report for people and machines: the terminal, a page, a pull request.

Renderers read a finished Outcome; they decide nothing and run nothing.
Nothing of torch may come in.
"""
