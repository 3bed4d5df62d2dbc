package credentials

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ContextName is the name of the context that WriteNATSContext writes.
const ContextName = "grokputer"

// natsContext is the part that we fill of the nats client's context file, as
// github.com/nats-io/jsm.go/natscontext declares it.
type natsContext struct {
	Description string `json:"description"`
	URL         string `json:"url"`
	User        string `json:"user"`
	Password    string `json:"password"`
}

// WriteNATSContext writes a context of the nats client for the server at url,
// so that `nats --context grokputer pub ...` works, and returns its path. The
// file is the user's alone (0600).
func WriteNATSContext(c Credentials, url string) (string, error) {
	dir, err := natsDir()
	if err != nil {
		return "", err
	}
	//nolint:gosec // the client reads its password from this file; it is the user's alone
	body, err := json.MarshalIndent(natsContext{
		Description: "Grokputer", URL: url, User: c.NATSUser, Password: c.NATSPassword,
	}, "", "  ")
	if err != nil {
		return "", fmt.Errorf("write the nats context: %w", err)
	}
	path := filepath.Join(dir, "context", ContextName+".json")
	if err := replace(path, body); err != nil {
		return "", fmt.Errorf("write the nats context: %w", err)
	}
	return path, nil
}

// SelectNATSContext makes our context the one that the nats client uses when
// none is named, unless the user has selected another. It tells whether ours
// is selected now.
func SelectNATSContext() (bool, error) {
	dir, err := natsDir()
	if err != nil {
		return false, err
	}
	path := filepath.Join(dir, "context.txt")
	selected, err := os.ReadFile(path)
	if err == nil && len(selected) > 0 {
		return string(selected) == ContextName, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("select the nats context: %w", err)
	}
	if err := replace(path, []byte(ContextName)); err != nil {
		return false, fmt.Errorf("select the nats context: %w", err)
	}
	return true, nil
}

// natsDir is where the nats client keeps its contexts: always below
// $XDG_CONFIG_HOME or ~/.config, on every system.
func natsDir() (string, error) {
	if dir := os.Getenv("XDG_CONFIG_HOME"); dir != "" {
		return filepath.Join(dir, "nats"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find the nats client's folder: %w", err)
	}
	return filepath.Join(home, ".config", "nats"), nil
}

// replace writes a file with mode 0600; readers see the old one or the new one.
func replace(path string, body []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	part, err := writePart(dir, body)
	if err != nil {
		return err
	}
	if err := os.Rename(part, path); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	return nil
}
