package stage

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// ErrNoBrowser means that Chromium is not installed. The message says how to install it.
var ErrNoBrowser = errors.New("chromium is missing: apt-get install chromium")

// browserGrace is how long the browser may take to end.
const browserGrace = 3 * time.Second

// preferences keep the browser from asking anything over the page.
const preferences = `{"credentials_enable_service": false, "profile": {"password_manager_enabled": false},
"autofill": {"enabled": false, "profile_enabled": false, "credit_card_enabled": false},
"translate": {"enabled": false}, "browser": {"check_default_browser": false}}`

// Browser is Chromium with one page that fills the screen, so that a point of
// the page is at its place times the scale. It has no debugging port.
type Browser struct {
	cmd     *exec.Cmd
	profile string
	exited  chan struct{}

	mu   sync.Mutex
	last string // what it wrote last
}

// StartBrowser opens an address at a scale on the screen that env names.
func StartBrowser(ctx context.Context, address string, scale int, env []string) (*Browser, error) {
	program, err := exec.LookPath("chromium")
	if err != nil {
		return nil, ErrNoBrowser
	}
	profile, err := os.MkdirTemp("", "grokputer-browser-")
	if err != nil {
		return nil, fmt.Errorf("make a profile for the browser: %w", err)
	}
	b := &Browser{profile: profile, exited: make(chan struct{})}
	if err := b.start(ctx, program, address, scale, env); err != nil {
		return nil, errors.Join(err, os.RemoveAll(profile))
	}
	return b, nil
}

func (b *Browser) start(ctx context.Context, program, address string, scale int, env []string) error {
	settings := filepath.Join(b.profile, "Default", "Preferences")
	if err := os.MkdirAll(filepath.Dir(settings), 0o700); err != nil {
		return fmt.Errorf("make a profile for the browser: %w", err)
	}
	if err := os.WriteFile(settings, []byte(preferences), 0o600); err != nil {
		return fmt.Errorf("make a profile for the browser: %w", err)
	}
	args := []string{
		"--kiosk", "--app=" + address, "--force-device-scale-factor=" + strconv.Itoa(scale), "--user-data-dir=" + b.profile,
		"--test-type", "--disable-gpu", "--no-first-run", "--no-default-browser-check", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-default-apps", "--password-store=basic",
		"--disable-backgrounding-occluded-windows", "--disable-renderer-backgrounding", "--disable-features=Translate",
		"--lang=en-US", "--window-position=0,0",
	}
	if os.Geteuid() == 0 {
		args = append(args, "--no-sandbox") // its sandbox refuses root
	}
	b.cmd = exec.CommandContext(context.WithoutCancel(ctx), program, args...) // Close ends it
	b.cmd.Env = slices.Concat(os.Environ(), env, []string{
		"HOME=" + b.profile, "XDG_CONFIG_HOME=", "XDG_CACHE_HOME=", "XDG_DATA_HOME=", "DBUS_SESSION_BUS_ADDRESS=disabled:",
	})
	// Its helpers are ended with it.
	b.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	output, err := b.cmd.StderrPipe()
	if err != nil {
		return fmt.Errorf("start the browser: %w", err)
	}
	if err := b.cmd.Start(); err != nil {
		return fmt.Errorf("start the browser: %w", err)
	}
	go b.follow(output)
	return nil
}

// follow reads what the browser writes, until it has ended.
func (b *Browser) follow(output io.Reader) {
	defer close(b.exited)
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if text := strings.TrimSpace(lines.Text()); text != "" {
			b.mu.Lock()
			b.last = text
			b.mu.Unlock()
		}
	}
	_ = b.cmd.Wait() // the last line tells more than the status
}

// Exited is closed when the browser has ended, by Close or by itself.
func (b *Browser) Exited() <-chan struct{} { return b.exited }

// Said is the last line that the browser wrote.
func (b *Browser) Said() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.last
}

// Close ends the browser and all that it has started, and removes its profile.
func (b *Browser) Close() error {
	_ = b.signal(syscall.SIGTERM) // it may have ended
	select {
	case <-b.exited:
	case <-time.After(browserGrace):
	}
	_ = b.signal(syscall.SIGKILL) // what is left of the group
	<-b.exited
	return os.RemoveAll(b.profile)
}

func (b *Browser) signal(s syscall.Signal) error { return syscall.Kill(-b.cmd.Process.Pid, s) }
