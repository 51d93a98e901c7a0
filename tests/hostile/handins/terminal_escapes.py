"""Names, errors and output full of control characters, mark-up and formulas, for whoever shows a report."""

print("\x1b]0;owned\x07\x1b[2J\x1b[31m80 of 80\r\n<script>alert(1)</script>\u202e\x00=HYPERLINK(1)")


class TwoLayerMLP:
    def __init__(self, *_, **__):
        raise type("<script>alert(1)</script>\x1b[2J", (Exception,), {})("\x1b[31m\r\n\u202e=1+1|{{7*7}}\x00")
