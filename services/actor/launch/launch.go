// Package launch opens applications of an allow list as processes of their own.
package launch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/grokputer/grokputer/services/actor"
)

// App is one application of the list.
type App struct {
	Name    string   `yaml:"name"`
	Aliases []string `yaml:"aliases"`
	// Command is the program and its arguments. No shell reads it.
	Command []string `yaml:"command"`
}

// Defaults returns the applications that are opened when nothing else is
// configured; those that are not installed are left out by New.
func Defaults() []App {
	return []App{
		// Mousepad's server would open the window on the screen of an instance
		// that the user runs elsewhere.
		{Name: "text editor", Aliases: []string{"editor", "notepad", "mousepad"}, Command: []string{"mousepad", "--disable-server"}},
		{Name: "calculator", Aliases: []string{"galculator"}, Command: []string{"galculator"}},
		// The font that xterm takes by itself is too small to be read off a picture.
		{Name: "terminal", Aliases: []string{"xterm"}, Command: []string{"xterm", "-fa", "Monospace", "-fs", "11"}},
		{Name: "file manager", Aliases: []string{"files"}, Command: []string{"pcmanfm"}},
	}
}

// Options are the settings of Apps.
type Options struct {
	Apps []App // Defaults() when nil
	// Env is added to our environment, without our own settings (GROKPUTER_*).
	Env []string
	// Dir is the working directory; when empty the home directory that Env names, else ours.
	Dir string
	// Early is how long Open waits for a program that fails at once; 300 ms when 0.
	Early time.Duration
	Log   *slog.Logger // silent when nil
}

// Apps opens applications and keeps track of them. It is safe for concurrent use.
type Apps struct {
	options Options
	apps    []App

	mu      sync.Mutex
	running map[int]string // process group -> application
	waiting sync.WaitGroup
}

// New checks the list and leaves out what is not installed.
func New(o Options) (*Apps, error) {
	if o.Apps == nil {
		o.Apps = Defaults()
	}
	if o.Early == 0 {
		o.Early = 300 * time.Millisecond
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Dir == "" {
		home, err := homeDir(o.Env)
		if err != nil {
			return nil, fmt.Errorf("applications need a working directory: %w", err)
		}
		o.Dir = home
	}
	a := &Apps{options: o, running: map[int]string{}}
	seen := map[string]bool{}
	for _, app := range o.Apps {
		if app.Name == "" || len(app.Command) == 0 || app.Command[0] == "" {
			return nil, fmt.Errorf("the application %q needs a name and a command", app.Name)
		}
		for _, name := range app.names() {
			if seen[strings.ToLower(name)] {
				return nil, fmt.Errorf("two applications are called %q", name)
			}
			seen[strings.ToLower(name)] = true
		}
		if _, err := exec.LookPath(app.Command[0]); err != nil {
			o.Log.Info("application left out: it is not installed", "app", app.Name, "program", app.Command[0])
			continue
		}
		a.apps = append(a.apps, app)
	}
	return a, nil
}

// homeDir is the home directory that the environment names last, else ours.
func homeDir(env []string) (string, error) {
	for _, kv := range slices.Backward(env) {
		if home, ok := strings.CutPrefix(kv, "HOME="); ok {
			return home, nil
		}
	}
	return os.UserHomeDir()
}

func (a App) names() []string { return append([]string{a.Name}, a.Aliases...) }

// Names implements actor.Apps.
func (a *Apps) Names() []string {
	var names []string
	for _, app := range a.apps {
		names = append(names, app.names()...)
	}
	return names
}

// Open implements actor.Apps.
func (a *Apps) Open(ctx context.Context, name string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	i := slices.IndexFunc(a.apps, func(app App) bool {
		return slices.ContainsFunc(app.names(), func(n string) bool { return strings.EqualFold(n, name) })
	})
	if i < 0 {
		return fmt.Errorf("%w: %q is not on the list (%s)", actor.ErrNoApp, name, strings.Join(a.Names(), ", "))
	}
	ended, err := a.start(a.apps[i])
	if err != nil {
		return fmt.Errorf("%w: %w", actor.ErrNoApp, err)
	}
	timer := time.NewTimer(a.options.Early)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	case err := <-ended:
		if err != nil {
			return fmt.Errorf("%w: %s ended at once: %w", actor.ErrNoApp, name, err)
		}
		return nil // it handed over to an instance that runs
	}
}

// start runs the program in a process group of its own. What it ends with comes
// on the channel.
func (a *Apps) start(app App) (<-chan error, error) {
	// The program outlives the task that opened it, so no context ends it.
	cmd := exec.Command(app.Command[0], app.Command[1:]...) //nolint:noctx // see above
	cmd.Dir = a.options.Dir
	cmd.Env = append(withoutSettings(os.Environ()), a.options.Env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	group := cmd.Process.Pid
	a.mu.Lock()
	a.running[group] = app.Name
	a.mu.Unlock()
	ended := make(chan error, 1)
	a.waiting.Go(func() {
		err := cmd.Wait()
		a.options.Log.Info("application ended", "app", app.Name, "err", err)
		a.mu.Lock()
		if !alive(group) {
			delete(a.running, group)
		}
		a.mu.Unlock()
		ended <- err
	})
	return ended, nil
}

// withoutSettings leaves out our own settings, which may hold passwords.
func withoutSettings(env []string) []string {
	return slices.DeleteFunc(env, func(kv string) bool { return strings.HasPrefix(kv, "GROKPUTER_") })
}

// alive reports whether the process group has members.
func alive(group int) bool { return !errors.Is(syscall.Kill(-group, 0), syscall.ESRCH) }

// Running returns the names of the applications that were opened and have not
// ended, sorted, once for each process group.
func (a *Apps) Running() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var names []string
	for group, name := range a.running {
		if alive(group) {
			names = append(names, name)
		} else {
			delete(a.running, group)
		}
	}
	slices.Sort(names)
	return names
}

// Close ends every application that was opened: it asks first, and kills what
// is left when ctx ends.
func (a *Apps) Close(ctx context.Context) {
	a.signal(syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		a.waiting.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
	a.signal(syscall.SIGKILL)
	<-done
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.running)
}

func (a *Apps) signal(s syscall.Signal) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for group := range a.running {
		_ = syscall.Kill(-group, s) // it may just have ended
	}
}
