package tests

import (
	"bufio"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// panel is a real window with buttons (testdata/panel.py), which writes down what is
// pressed.
type panel struct {
	t   *testing.T
	cmd *exec.Cmd
	log string
}

// panel opens a window with these buttons on the screen and returns when it can be seen.
func (d desk) panel(captions ...string) *panel {
	d.t.Helper()
	log := filepath.Join(d.t.TempDir(), "pressed")
	return d.script("panel.py", log, append([]string{"Panel", log}, captions...)...)
}

// script runs a program of testdata on the screen and returns when it can be seen.
func (d desk) script(name, log string, args ...string) *panel {
	d.t.Helper()
	p := &panel{t: d.t, log: log}
	script := filepath.Join(repositoryRoot(d.t), "tests", "testdata", name)
	// Debian's own Python: python3-tk is for it.
	p.cmd = exec.Command("/usr/bin/python3", append([]string{script}, args...)...)
	p.cmd.Env = append(os.Environ(), "DISPLAY="+d.display, "XAUTHORITY="+d.authority)
	p.cmd.Stderr = os.Stderr
	said, err := p.cmd.StdoutPipe()
	if err != nil {
		d.t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		d.t.Fatalf("%v (tools/deps installs python3-tk)", err)
	}
	d.t.Cleanup(p.close)
	if line, err := bufio.NewReader(said).ReadString('\n'); err != nil || line != "ready\n" {
		d.t.Fatalf("the window said %q, %v", line, err)
	}
	return p
}

// first is the button that was pressed first, empty if none was.
func (p *panel) first() string {
	p.t.Helper()
	body, err := os.ReadFile(p.log)
	if errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	if err != nil {
		p.t.Fatal(err)
	}
	caption, _, _ := strings.Cut(string(body), "\n")
	return caption
}

// close closes the window. It does nothing the second time.
func (p *panel) close() {
	if p.cmd.ProcessState != nil {
		return
	}
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}
