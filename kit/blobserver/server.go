// Package blobserver is an S3 server on this machine's disk: versitygw, in a
// child process of our own program.
//
// The gateway makes its folder the working directory of its process and allows
// one of itself in each, so it gets a process of its own: relative paths and
// the programs that we open keep the working directory that the user chose, and
// tests can have many. The child ends when we end, however that comes about,
// and is started again when it ends by itself.
package blobserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// ErrInUse tells that another process listens on the port. Most often this is a second
// Grokputer, or a MinIO server.
var ErrInUse = errors.New("in use")

// portPatience is how long a port may stay in use: the child of a Grokputer
// that was killed needs a moment to notice.
const portPatience = 2 * time.Second

// lastRestart is the longest pause before a child is started again.
const lastRestart = 5 * time.Second

// Server is a running server.
type Server struct {
	cfg  childConfig
	opts Options
	// stop ends keep; kept waits for it.
	stop context.CancelFunc
	kept sync.WaitGroup
	once sync.Once
	err  error // of the last process's end, after kept
}

// Start starts a server and returns when it answers. The context bounds the
// start only; Shutdown ends the server.
func Start(ctx context.Context, o Options) (*Server, error) {
	o = o.withDefaults()
	if err := o.Validate(); err != nil {
		return nil, err
	}
	for _, dir := range []string{objectsDir, metadataDir} {
		if err := os.MkdirAll(filepath.Join(o.Dir, dir), 0o700); err != nil {
			return nil, fmt.Errorf("embedded S3: make the store: %w", err)
		}
	}
	address, err := reserve(ctx, o.Host, o.Port)
	if err != nil {
		return nil, err
	}
	s := &Server{opts: o, cfg: childConfig{
		Dir: o.Dir, Address: address, AccessKey: o.AccessKey, SecretKey: o.SecretKey,
	}}
	p, err := launch(ctx, s.cfg, o.Log)
	if err != nil {
		return nil, err
	}
	keeping, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	s.kept.Go(func() { s.keep(keeping, p) })
	return s, nil
}

// keep starts the child again whenever it ends, until ctx does.
func (s *Server) keep(ctx context.Context, p *process) {
	pace := backoff.NewExponentialBackOff()
	pace.MaxInterval = lastRestart
	for {
		select {
		case <-ctx.Done():
			s.err = p.stop()
			return
		case <-p.exited:
			s.opts.Log.Error("embedded S3 ended, starting it again", "reason", p.reason())
		}
		var err error
		p, err = backoff.Retry(ctx, func() (*process, error) { return launch(ctx, s.cfg, s.opts.Log) },
			backoff.WithBackOff(pace), backoff.WithMaxElapsedTime(0),
			backoff.WithNotify(func(err error, _ time.Duration) {
				s.opts.Log.Error("embedded S3 does not start, trying again", "err", err)
			}))
		if err != nil {
			return // ctx ended
		}
	}
}

// Endpoint is the address for clients, host:port; it speaks plain HTTP.
func (s *Server) Endpoint() string { return s.cfg.Address }

// Shutdown ends the server and returns when it has ended. It does nothing the
// second time.
func (s *Server) Shutdown() error {
	s.once.Do(func() {
		s.stop()
		s.kept.Wait()
	})
	return s.err
}

// reserve finds an address that is free now, and gives a clear error when the
// one that is wanted is not.
func reserve(ctx context.Context, host string, port int) (string, error) {
	address := net.JoinHostPort(host, strconv.Itoa(max(port, 0)))
	pace := backoff.NewConstantBackOff(portPatience / 20)
	free, err := backoff.Retry(ctx, func() (string, error) {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
		if errors.Is(err, syscall.EADDRINUSE) {
			return "", err
		}
		if err != nil {
			return "", backoff.Permanent(err)
		}
		return l.Addr().String(), l.Close()
	}, backoff.WithBackOff(pace), backoff.WithMaxElapsedTime(portPatience))
	if errors.Is(err, syscall.EADDRINUSE) {
		return "", fmt.Errorf("embedded S3: %s is %w by another process: end it, choose another port, "+
			"or use that server by setting GROKPUTER_S3_ENDPOINT", address, ErrInUse)
	}
	if err != nil {
		return "", fmt.Errorf("embedded S3: cannot listen on %s: %w", address, err)
	}
	return free, nil
}
