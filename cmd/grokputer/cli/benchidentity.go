package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// with is what the episodes of one result have in common: the program, and all
// that plans. Episodes that anything else has played are not taken for them.
func (cmd *benchMiniwobCmd) with(c *call) (string, error) {
	program, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find our own program: %w", err)
	}
	parts := []string{cmd.Planner, fmt.Sprintf("scale %d", cmd.Scale), "screen " + cmd.Screen.Size, fmt.Sprintf("%d steps", cmd.Safety.MaxSteps)}
	files := map[string]string{"program": program}
	if cmd.Planner == planLocal {
		p := cmd.work.Planner.planner(c.data())
		switch {
		case p.URL != "":
			parts = append(parts, p.URL+" "+p.Name)
		case p.Adapter != "":
			files["adapter"] = filepath.Join(p.Adapter, weightsFile)
		case p.Registry:
			files["starter"] = filepath.Join(cmd.starter(c.data()), weightsFile)
		}
		parts = append(parts, filepath.Base(p.Model))
	}
	for _, name := range []string{"program", "starter", "adapter"} {
		if files[name] == "" {
			continue
		}
		hash, err := hashFile(files[name])
		if err != nil {
			return "", err
		}
		parts = append(parts, name+" "+hash)
	}
	return strings.Join(parts, ", "), nil
}

// hashFile is the beginning of a file's sha256, none for one that is not there.
func hashFile(path string) (string, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "none", nil
	}
	if err != nil {
		return "", fmt.Errorf("hash a file: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read from
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return "", fmt.Errorf("hash a file: %w", err)
	}
	return hex.EncodeToString(hash.Sum(nil))[:12], nil
}

// measuredWith says what a table was measured with: the command, the program
// and the machine.
func measuredWith(ctx context.Context, command string) string {
	info := readBuildInfo()
	return fmt.Sprintf("`%s`, commit %s, %s, %d processors (%s).",
		command, commit(ctx, info), info.Platform, runtime.NumCPU(), strings.Join(info.CPU, " "))
}

// commit is what the program was built from: what the build noted, or else the
// state of the repository that the program lies in.
func commit(ctx context.Context, info buildInfo) string {
	revision, changed := info.Revision, info.Modified
	if revision == "" {
		program, err := os.Executable()
		if err != nil {
			return "unknown"
		}
		for _, repository := range repositories(filepath.Dir(program)) {
			head, err := exec.CommandContext(ctx, "git", "-C", repository, "rev-parse", "HEAD").Output()
			if err != nil {
				continue
			}
			revision = strings.TrimSpace(string(head))
			// What a tool has written about it makes no other program.
			status, err := exec.CommandContext(ctx, "git", "-C", repository, "status", "--porcelain", "--", ".", ":!docs").Output()
			changed = err != nil || len(status) > 0
		}
	}
	if revision == "" {
		return "unknown"
	}
	revision = revision[:min(12, len(revision))]
	if changed {
		revision += " with changes"
	}
	return revision
}
