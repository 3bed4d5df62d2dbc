package readers

import (
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/grokputer/grokputer/services/observer"
	"github.com/grokputer/grokputer/services/observer/ppocr"
	"github.com/grokputer/grokputer/services/observer/tesseract"
	"github.com/grokputer/grokputer/services/observer/worker"
)

// childEnv marks the process that reads; Only sets it.
const childEnv = "GROKPUTER_READER_CHILD"

// childConfig is what a child is told.
type childConfig struct {
	Reader string `json:"reader"`
	Models string `json:"models"`
	CJK    bool   `json:"cjk"`
}

// init turns a process that Only has started into the reader. It is here and not
// in a main function so that no program, and no test binary, that reads can
// forget it and start itself over and over instead.
//
//nolint:gochecknoinits // see above
func init() {
	if os.Getenv(childEnv) == "" {
		return
	}
	// Ctrl-C and a service manager signal the whole group. The parent decides.
	signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	if err := worker.Serve(os.Stdin, os.Stdout, open); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// open opens the reader in this process, for one line at a time. It is closed by
// the end of the process.
func open(config []byte) (observer.Reader, error) {
	var c childConfig
	if err := json.Unmarshal(config, &c); err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	switch c.Reader {
	case PPOCR:
		first, err := ppocr.New(ppocr.Options{Folder: c.Models, Workers: 1, CJK: c.CJK})
		if err != nil {
			return nil, err
		}
		second, err := tesseract.New(tesseract.Options{Workers: 1})
		if err != nil {
			return first, nil //nolint:nilerr // it is only asked for its opinion
		}
		return consulting{first, second}, nil
	case Tesseract:
		return tesseract.New(tesseract.Options{Workers: 1})
	default:
		return nil, fmt.Errorf("there is no reader %q", c.Reader)
	}
}
