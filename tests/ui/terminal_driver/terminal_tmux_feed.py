"""Writes a file to its terminal, and says by a signal of tmux when the terminal has drawn it."""

import subprocess
import sys
import termios
import tty
from pathlib import Path

tty.setcbreak(0, termios.TCSANOW)
data = Path(sys.argv[1]).read_bytes()
# The terminal answers the question only after everything before it.
sys.stdout.buffer.write(data + b"\x1b[6n")
sys.stdout.buffer.flush()
while sys.stdin.buffer.read(1) != b"R":
    pass
subprocess.run(["tmux", "-S", sys.argv[2], "wait-for", "-S", sys.argv[3]], check=True)
sys.stdin.buffer.read(1)
