package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
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
func measuredWith(command string) string {
	info := readBuildInfo()
	return fmt.Sprintf("`%s`, commit %s, %s, %d processors (%s).",
		command, info.commit(), info.Platform, runtime.NumCPU(), strings.Join(info.CPU, " "))
}

// commit is what the program was built from, as the build noted it. The checkout that a program
// lies or runs in does not tell: it may have changed since.
func (i buildInfo) commit() string {
	if i.Revision == "" {
		return "unknown"
	}
	commit := i.Revision[:min(12, len(i.Revision))]
	if i.Modified {
		commit += " with changes"
	}
	return commit
}
