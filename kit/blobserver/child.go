package blobserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"
)

// childEnv marks the process that serves; Start sets it.
const childEnv = "GROKPUTER_BLOBSERVER_CHILD"

const (
	objectsDir  = "objects"
	metadataDir = "metadata"
	healthPath  = "/healthz"

	// maxConnections is far above what five services open.
	maxConnections = 1024
	// maxParts is what S3 allows in one upload.
	maxParts = 10000
)

// childConfig is what the child reads from its standard input: secrets stand
// neither in its arguments nor in its environment.
type childConfig struct {
	Dir       string `json:"dir"`
	Address   string `json:"address"`
	AccessKey string `json:"access_key"`
	SecretKey string `json:"secret_key"`
}

// init turns a process that Start has started into the server. It is here and
// not in a main function so that no program, and no test binary, that embeds
// the server can forget it and start itself over and over instead.
//
//nolint:gochecknoinits // see above
func init() {
	if os.Getenv(childEnv) == "" {
		return
	}
	if err := serve(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// serve runs the gateway until standard input ends, as it does when the parent
// closes it and when the parent is gone.
func serve(stdin io.Reader) error {
	// Ctrl-C and a service manager signal the whole group. The parent decides
	// when it no longer needs its objects.
	signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	in := json.NewDecoder(stdin)
	var cfg childConfig
	if err := in.Decode(&cfg); err != nil {
		return fmt.Errorf("read the configuration: %w", err)
	}
	// What is known of an object lies in files beside it, not in extended
	// attributes: these are lost in ordinary copies and unknown to some file systems.
	sidecar := filepath.Join(cfg.Dir, metadataDir)
	store, err := meta.NewSideCar(sidecar)
	if err != nil {
		return fmt.Errorf("open the metadata: %w", err)
	}
	options := posix.PosixOpts{SideCarDir: sidecar}
	options.SetNewDirPerm(0o700)
	options.SetNewFilePerm(0o600)
	objects, err := posix.New(filepath.Join(cfg.Dir, objectsDir), store, options)
	if err != nil {
		return fmt.Errorf("open the objects: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		defer cancel()
		_, _ = io.Copy(io.Discard, io.MultiReader(in.Buffered(), stdin)) // its end is what counts
	}()
	err = embedgw.RunVersityGW(ctx, objects, &embedgw.Config{
		RootUserAccess:    cfg.AccessKey,
		RootUserSecret:    cfg.SecretKey,
		Ports:             []string{cfg.Address},
		MaxConnections:    maxConnections,
		MaxRequests:       maxConnections,
		MultipartMaxParts: maxParts,
		KeepAlive:         true,
		Quiet:             true,
		HealthPath:        healthPath,
	})
	if err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}
