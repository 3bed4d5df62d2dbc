package worker

import (
	"os/exec"
	"syscall"
)

// endWithUs has the system end the program when the thread that starts it does.
func endWithUs(cmd *exec.Cmd) {
	// A group of its own keeps the terminal's Ctrl-C from it: we end it in order.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
