package bench

import (
	"bufio"
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/grokputer/grokputer/cmd/grokputer/readback"
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/starter"
)

// effectWait is how long a program may take to have done what it was told.
const effectWait = 2 * time.Second

// has reports whether an effect is there, and what is there instead.
func (p Place) has(ctx context.Context, e starter.Effect, opened *program, recorded []trainer.Example) (ok bool, seen string, err error) {
	deadline := time.Now().Add(effectWait)
	for {
		seen, err = p.see(ctx, e, opened, recorded)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, readback.ErrNoWindow) {
			seen, err = err.Error(), nil
		}
		if err != nil || seen == e.Want || time.Now().After(deadline) {
			return seen == e.Want, seen, err
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return false, seen, context.Cause(ctx)
		}
	}
}

// see reads what there is where an effect should be: equal to its Want when it is there.
func (p Place) see(ctx context.Context, e starter.Effect, opened *program, recorded []trainer.Example) (string, error) {
	at := filepath.Join(p.Home, filepath.FromSlash(e.Name))
	switch e.What {
	case starter.EditorHolds:
		return readback.Text(ctx, p.Display, p.Editor)
	case starter.CalculatorShows:
		return readback.Copied(ctx, p.Display, p.Calculator)
	case starter.FileHolds:
		content, err := os.ReadFile(at)
		return string(content), err
	case starter.FolderThere:
		info, err := os.Stat(at)
		if err == nil && !info.IsDir() {
			return "a file", nil
		}
		return "", err
	case starter.NothingThere:
		if _, err := os.Lstat(at); err == nil {
			return "it is there", nil
		}
		return "", nil
	case starter.CommandRan:
		return lastLine(filepath.Join(p.Home, ".bash_history"))
	case starter.SettingIs:
		return p.setting(e.Name)
	case starter.ConfigHolds:
		content, err := os.ReadFile(at)
		if slices.Contains(strings.Split(string(content), "\n"), e.Want) {
			return e.Want, err
		}
		return "no such line", err
	case starter.Copied:
		return readback.Selection(ctx, p.Display, "CLIPBOARD")
	case starter.Selected:
		return readback.Selection(ctx, p.Display, "PRIMARY")
	case starter.TitleSays:
		return recorded[len(recorded)-1].State.Screen.Title, nil
	case starter.DialogSaid, starter.DialogEnded:
		return opened.result(e.What), nil
	default:
		return "", errors.New("nobody knows where that is seen")
	}
}

// result is what the program has printed or its exit status, once it has ended.
func (p *program) result(what starter.EffectKind) string {
	select {
	case <-p.ended:
	case <-time.After(effectWait):
		return "it has not ended"
	}
	if what == starter.DialogEnded {
		return strconv.Itoa(p.cmd.ProcessState.ExitCode())
	}
	return strings.TrimSuffix(p.said.String(), "\n")
}

// lastLine is the last line of a file.
func lastLine(path string) (string, error) {
	content, err := os.ReadFile(path)
	lines := strings.Split(strings.TrimRight(string(content), "\n"), "\n")
	return lines[len(lines)-1], err
}

// setting is the value of a key in the file that GSettings writes.
func (p Place) setting(name string) (string, error) {
	f, err := os.Open(filepath.Join(p.Home, ".config", "glib-2.0", "settings", "keyfile"))
	if err != nil {
		return "", err
	}
	defer f.Close() //nolint:errcheck // only read
	group := ""
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if inner, ok := strings.CutPrefix(lines.Text(), "["); ok {
			group = strings.TrimSuffix(inner, "]")
		}
		if key, value, ok := strings.Cut(lines.Text(), "="); ok && path.Join(group, key) == name {
			return value, nil
		}
	}
	return "not set", lines.Err()
}
