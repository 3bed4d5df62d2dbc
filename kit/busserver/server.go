// Package busserver is a NATS server with JetStream inside our own process: on
// disk, on loopback, with a user and a password.
package busserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"golang.org/x/crypto/bcrypt"
)

// ErrInUse tells that another process listens on the port, or works in the store
// directory. Most often this is a second Grokputer.
var ErrInUse = errors.New("in use")

// startTimeout bounds the wait for the server: recovering a large store takes
// a while.
const startTimeout = time.Minute

// readyPoll is how long one look at the starting server waits.
const readyPoll = 50 * time.Millisecond

// Server is a running server.
type Server struct {
	nats *server.Server
	lock *storeLock
}

// Start starts a server and returns when clients can connect. The context
// bounds the start only; Shutdown ends the server.
func Start(ctx context.Context, o Options) (*Server, error) {
	o = o.withDefaults()
	if err := o.Validate(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.StoreDir, 0o700); err != nil {
		return nil, fmt.Errorf("embedded NATS: make the store directory: %w", err)
	}
	if err := checkPort(ctx, o.Host, o.Port); err != nil {
		return nil, err
	}
	lock, err := lockStore(o.StoreDir)
	if err != nil {
		return nil, err
	}
	s, err := start(ctx, o)
	if err != nil {
		return nil, errors.Join(err, lock.release())
	}
	return &Server{nats: s, lock: lock}, nil
}

func start(ctx context.Context, o Options) (*server.Server, error) {
	password, err := hashed(o.Password)
	if err != nil {
		return nil, err
	}
	s, err := server.NewServer(&server.Options{
		ServerName:        "grokputer",
		Host:              o.Host,
		Port:              o.Port,
		Username:          o.User,
		Password:          password,
		JetStream:         true,
		StoreDir:          o.StoreDir,
		SyncAlways:        o.SyncAlways,
		JetStreamMaxStore: o.MaxStoreBytes,
		NoSigs:            true,
		NoLog:             true,
	})
	if err != nil {
		return nil, fmt.Errorf("embedded NATS: %w", err)
	}
	logger := newLogger(o.Log)
	s.SetLoggerV2(logger, false, false, false)
	started := make(chan struct{})
	go func() {
		defer close(started)
		s.Start()
	}()
	if err := waitReady(ctx, s, logger); err != nil {
		// A start under way does not heed the shutdown: it would go on writing in
		// the store directory after this function has returned.
		<-started
		s.Shutdown()
		s.WaitForShutdown()
		return nil, err
	}
	return s, nil
}

// hashed is the password as the server is to know it. The cost is the least
// there is: what is made by kit/credentials cannot be guessed at any speed, and
// every connection pays it.
func hashed(password string) (string, error) {
	if password == "" {
		return "", nil
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		return "", fmt.Errorf("embedded NATS: Password: %w", err)
	}
	return string(hash), nil
}

// waitReady returns when s takes connections and JetStream is up.
func waitReady(ctx context.Context, s *server.Server, l *logger) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout,
		fmt.Errorf("not ready within %s", startTimeout))
	defer cancel()
	ready := false
	for !ready && ctx.Err() == nil {
		select {
		case reason := <-l.fatal:
			return fmt.Errorf("embedded NATS: %s", reason)
		default:
			ready = s.ReadyForConnections(readyPoll)
		}
	}
	if ctx.Err() != nil {
		return fmt.Errorf("embedded NATS: %w", context.Cause(ctx))
	}
	if !s.JetStreamEnabled() {
		return errors.New("embedded NATS: JetStream did not start")
	}
	return nil
}

// checkPort gives a clear error where the server itself would only log one.
func checkPort(ctx context.Context, host string, port int) error {
	if port == RandomPort {
		return nil
	}
	address := net.JoinHostPort(host, strconv.Itoa(port))
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("embedded NATS: %s is %w by another process: end it, choose another port, "+
			"or use that server by setting GROKPUTER_NATS_URL", address, ErrInUse)
	case err != nil:
		return fmt.Errorf("embedded NATS: cannot listen on %s: %w", address, err)
	default:
		return l.Close()
	}
}

// URL is the address for clients, without user and password.
func (s *Server) URL() string { return s.nats.ClientURL() }

// Shutdown ends the server and returns when everything is on disk. Clients
// close first. It does nothing the second time.
func (s *Server) Shutdown() error {
	s.nats.Shutdown()
	s.nats.WaitForShutdown()
	return s.lock.release()
}
