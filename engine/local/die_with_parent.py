"""A launcher whose command is killed when its parent process dies: `die_with_parent.py PARENT_PID COMMAND...`.

A small program of its own, and not a `preexec_fn`, because Python code between fork and exec can deadlock
in a process that has threads. The death signal survives the exec; it exists on Linux only.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>

parent, command = int(sys.argv[1]), sys.argv[2:]
if sys.platform == "linux":
    # SIGKILL, not SIGTERM: a child that hangs must go too, and everything we run is safe to kill at any instant.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
if os.getppid() != parent:  # it died before the signal was set
    sys.exit("the parent has ended")
signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and that would be inherited
try:
    os.execvp(command[0], command)  # noqa: S606  # replacing this process is the purpose
except OSError as error:
    sys.exit(f"{command[0]}: {error.strerror}")
