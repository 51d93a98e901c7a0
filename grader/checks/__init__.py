"""What any kind of check is made of: what it asks and concludes, numbers taken from answers and compared, words.

The kinds themselves are an assignment's: in its folder (`reference/NAME/kinds`), or functions there (see `coded`).
"""
