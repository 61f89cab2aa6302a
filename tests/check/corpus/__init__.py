"""Models that are broken the way people break them, and models that are sound.

Each class or function is a case. Its docstring says how to check it:

    input: 1,1,28,28        one line an input
    error: channels         the code that must be found first (none for a sound model)
    fix: nn.Conv2d(8, ...)  the first fix: the changed lines, or the other input

and the comment `# wrong` stands on the line that the finding must name.
"""
