package blobserver

import (
	"fmt"
	"log/slog"
	"path/filepath"
)

// DefaultHost and DefaultPort are where the server listens unless told
// otherwise: on this machine only.
const (
	DefaultHost = "127.0.0.1"
	DefaultPort = 9000
)

// RandomPort asks the system for a free port.
const RandomPort = -1

// Options are the settings of an embedded server.
type Options struct {
	// Dir holds the objects and what is known of them. It must be absolute.
	Dir string
	// Host is the address to listen on; DefaultHost when empty.
	Host string
	// Port is the port to listen on; DefaultPort when 0, a free one when RandomPort.
	Port int
	// AccessKey and SecretKey are what every client must sign with.
	AccessKey, SecretKey string
	// Log gets what the server complains of; none when nil.
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
	case !filepath.IsAbs(o.Dir):
		return fmt.Errorf("embedded S3: Dir %q is not an absolute path", o.Dir)
	case o.Port < RandomPort || o.Port > 65535:
		return fmt.Errorf("embedded S3: Port %d is not a port", o.Port)
	case o.AccessKey == "" || o.SecretKey == "":
		return fmt.Errorf("embedded S3: AccessKey and SecretKey must be set")
	default:
		return nil
	}
}
