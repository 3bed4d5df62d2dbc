"""A window with buttons, for a test: panel.py TITLE LOG CAPTION...

Writes a line to the file LOG for each button that is pressed, says on the window
which one it was, and says "ready" on its standard output when it can be seen.
"""

import os
import sys
import tkinter


def main() -> None:
    title, log, *captions = sys.argv[1:]
    root = tkinter.Tk()
    root.title(title)
    root.geometry("520x560+300+80")
    root.configure(background="#f2f2f2")
    said = tkinter.StringVar(value="Choose one")
    tkinter.Label(root, textvariable=said, font=("DejaVu Sans", 14), background="#f2f2f2").pack(pady=18)

    def press(caption: str) -> None:
        with open(log, "a", encoding="utf-8") as f:
            f.write(caption + "\n")
            f.flush()
            os.fsync(f.fileno())
        said.set("You chose " + caption)

    for caption in captions:
        tkinter.Button(
            root, text=caption, font=("DejaVu Sans", 14), width=16, height=1, takefocus=0,
            background="#dddddd", activebackground="#cccccc", highlightthickness=0, borderwidth=2,
            command=lambda c=caption: press(c),
        ).pack(pady=9)
    root.update()
    print("ready", flush=True)
    root.mainloop()


main()
