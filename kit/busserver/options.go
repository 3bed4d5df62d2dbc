package busserver

import (
	"fmt"
	"log/slog"
	"path/filepath"
)

// DefaultHost and DefaultPort are where the server listens unless told
// otherwise: on this machine only.
const (
	DefaultHost = "127.0.0.1"
	DefaultPort = 4222
)

// RandomPort asks the system for a free port.
const RandomPort = -1

// Options are the settings of an embedded server.
type Options struct {
	// StoreDir holds the streams. It must be absolute, and belongs to one server.
	StoreDir string
	// Host is the address to listen on; DefaultHost when empty.
	Host string
	// Port is the port to listen on; DefaultPort when 0, a free one when RandomPort.
	Port int
	// User and Password are what every client must present.
	User, Password string
	// SyncAlways writes each message to the disk before it is acknowledged.
	// Only unit tests do without: an acknowledged message can then be lost
	// when the machine, not just the process, fails.
	SyncAlways bool
	// MaxStoreBytes limits what all streams together take on disk; 0 leaves it
	// to the server, which takes three quarters of what is free.
	MaxStoreBytes int64
	// Log gets the server's warnings and errors; none when nil.
	Log *slog.Logger
}

func (o Options) withDefaults() Options {
	if o.Host == "" {
		o.Host = DefaultHost
	}
	if o.Port == 0 {
		o.Port = DefaultPort
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// Validate names the first field that cannot be used and why.
func (o Options) Validate() error {
	switch {
	case !filepath.IsAbs(o.StoreDir):
		return fmt.Errorf("embedded NATS: StoreDir %q is not an absolute path", o.StoreDir)
	case o.Port < RandomPort || o.Port > 65535:
		return fmt.Errorf("embedded NATS: Port %d is not a port", o.Port)
	case (o.User == "") != (o.Password == ""):
		return fmt.Errorf("embedded NATS: User and Password go together")
	case o.MaxStoreBytes < 0:
		return fmt.Errorf("embedded NATS: MaxStoreBytes %d is negative", o.MaxStoreBytes)
	default:
		return nil
	}
}
