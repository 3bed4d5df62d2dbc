package readers

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"

	"github.com/grokputer/grokputer/services/observer/ppocr"
	"github.com/grokputer/grokputer/services/observer/worker"
)

// megabyte is what Settings.WorkerMB counts in, in bytes.
const megabyte = 1 << 20

// Serving is a reader that was opened.
type Serving struct {
	*worker.Pool

	// Name is the reader's.
	Name string
	// Instead is why the one that is set does not serve; nil when it does.
	Instead error
}

// Open opens the reader that is set, or the other when that one cannot be used,
// and logs that.
func Open(s Settings, log *slog.Logger) (Serving, error) {
	pool, err := Only(s, log)
	if err == nil {
		return Serving{Pool: pool, Name: s.Reader}, nil
	}
	other := Tesseract
	if s.Reader == Tesseract {
		other = PPOCR
	}
	instead := s
	instead.Reader = other
	pool, otherErr := Only(instead, log)
	if otherErr != nil {
		return Serving{}, fmt.Errorf("no text can be read: %s: %w; %s: %w", s.Reader, err, other, otherErr)
	}
	log.Warn("another reader serves, for the one that is set cannot be used", "set", s.Reader, "serves", other, "err", err)
	return Serving{Pool: pool, Name: other, Instead: err}, nil
}

// Only opens the reader that is set and no other.
func Only(s Settings, log *slog.Logger) (*worker.Pool, error) {
	if s.Reader == PPOCR { // what is missing needs no process to find out
		if err := ppocr.Check(s.Models); err != nil {
			return nil, err
		}
	}
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find our own program: %w", err)
	}
	config, err := json.Marshal(childConfig{Reader: s.Reader, Models: s.Models, CJK: s.CJK})
	if err != nil {
		return nil, fmt.Errorf("configure a reading process: %w", err)
	}
	return worker.Start(worker.Options{
		Command: func() *exec.Cmd {
			cmd := exec.Command(program) //nolint:noctx // it lives as long as the pool
			cmd.Env = append(os.Environ(), childEnv+"=1")
			return cmd
		},
		Config: config, Workers: s.Workers, Lines: s.WorkerLines, Memory: int64(s.WorkerMB) * megabyte, Log: log,
	})
}
