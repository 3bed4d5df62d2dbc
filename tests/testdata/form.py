"""A window with two fields, two buttons and a spinner, for a test: form.py

One button opens a dialog, which escape closes, the other changes a line of text. It
says "ready" on its standard output when it can be seen.
"""

import math
import tkinter

FONT = ("DejaVu Sans", 14)


def main() -> None:
    root = tkinter.Tk()
    root.title("Form")
    root.geometry("520x420+300+80")
    root.configure(background="#f2f2f2")
    for _ in range(2):
        tkinter.Entry(
            root, font=FONT, width=24, background="#ffffff", borderwidth=1, relief="solid",
            highlightthickness=2, highlightcolor="#2060c0", highlightbackground="#f2f2f2", insertofftime=300, insertontime=300,
        ).pack(pady=14)
    said = tkinter.StringVar(value="Nothing was pressed yet")
    tkinter.Label(root, textvariable=said, font=FONT, background="#f2f2f2").pack(pady=8)

    def dialog() -> None:
        top = tkinter.Toplevel(root)
        top.title("Form")  # the same title: it is told by the number of windows
        top.geometry("260x120+820+420")
        tkinter.Label(top, text="A dialog", font=FONT).pack(pady=20)
        top.bind("<Escape>", lambda _: top.destroy())
        top.focus_force()

    def press() -> None:
        said.set("It was pressed just now")

    for caption, command in (("Dialog", dialog), ("Change", press)):
        tkinter.Button(
            root, text=caption, font=FONT, width=12, takefocus=0, background="#dddddd", activebackground="#dddddd",
            highlightthickness=0, borderwidth=2, command=command,
        ).pack(pady=8)
    canvas = tkinter.Canvas(root, width=48, height=48, background="#f2f2f2", highlightthickness=0)
    canvas.pack(pady=8)
    dot = canvas.create_oval(0, 0, 0, 0, fill="#303030", outline="")

    def turn(n: int) -> None:
        x, y = 24 + 16 * math.cos(n * math.pi / 4), 24 + 16 * math.sin(n * math.pi / 4)
        canvas.coords(dot, x - 4, y - 4, x + 4, y + 4)
        root.after(60, turn, n + 1)

    turn(0)
    root.update()
    print("ready", flush=True)
    root.mainloop()


main()
