// Package web is the HTTP door of the feedback service: the API, the pages, health
// and metrics, behind one guard.
package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/grokputer/grokputer/services/feedback"
	"github.com/grokputer/grokputer/services/feedback/web/api"
	"github.com/grokputer/grokputer/services/feedback/web/guard"
	"github.com/grokputer/grokputer/services/feedback/web/pages"
)

// DefaultListen is where the door is unless told otherwise.
const DefaultListen = "127.0.0.1:8420"

const (
	readTimeout = 30 * time.Second
	idleTimeout = 2 * time.Minute
	// endGrace is what open requests get to end.
	endGrace = 5 * time.Second
	// tokenFile holds the token, in the data folder.
	tokenFile = "http-token"
)

// Options are the settings of the door.
type Options struct {
	// Listen is host:port; port 0 takes a free one.
	Listen string
	// Hosts are further names under which the server may be called.
	Hosts []string
	// Token lets in whoever presents it; made and kept in the data folder when empty.
	Token string
	// DataDir is where the made token is kept.
	DataDir string
	// Version of the program, for the OpenAPI document.
	Version string
	// Bound is called with the address once the door is open; may be nil.
	Bound func(address string)
	Log   *slog.Logger
}

// Server is an open door.
type Server struct {
	http     *http.Server
	listener net.Listener
	log      *slog.Logger
}

// Open listens. Serve answers.
func Open(ctx context.Context, s *feedback.Service, o Options) (*Server, error) {
	if o.Token == "" {
		var err error
		if o.Token, err = ensureToken(o.DataDir); err != nil {
			return nil, err
		}
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("open the HTTP door: %w: choose another address by the setting http-listen or http-port", err)
	}
	bound, err := netip.ParseAddrPort(listener.Addr().String())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the HTTP door: %w", err), listener.Close())
	}
	if o.Bound != nil {
		o.Bound(listener.Addr().String())
	}
	return &Server{
		listener: listener, log: o.Log,
		http: &http.Server{
			Handler: guard.Wrap(handler(s, o.Version), guard.Options{
				Hosts: o.Hosts, Token: o.Token, Loopback: bound.Addr().IsLoopback(), SameUser: guard.SameUser,
			}),
			ReadTimeout: readTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: 64 << 10,
			ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug),
		},
	}, nil
}

// handler joins what there is behind the guard.
func handler(s *feedback.Service, version string) http.Handler {
	mux := http.NewServeMux()
	api.Register(mux, s, version)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := s.Live(r.Context()); err != nil {
			say(w, http.StatusServiceUnavailable, err.Error())
			return
		}
		say(w, http.StatusOK, "ready")
	})
	m := newMetrics(s)
	mux.Handle("GET /metrics", m.handler())
	mux.Handle("/", pages.New(s, pages.Options{}))
	return m.count(mux)
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n")) // the client may be gone
}

// Serve answers until ctx ends.
func (s *Server) Serve(ctx context.Context) error {
	s.http.BaseContext = func(net.Listener) context.Context { return context.WithoutCancel(ctx) }
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(stopped)
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), endGrace)
		defer cancel()
		if err := s.http.Shutdown(ending); err != nil {
			s.log.Warn("requests were cut off", "err", err)
			_ = s.http.Close()
		}
	})
	err := s.http.Serve(s.listener)
	if !stop() {
		<-stopped
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serve HTTP: %w", err)
}

// ensureToken returns the token of a data folder, and makes one that cannot be guessed.
func ensureToken(folder string) (string, error) {
	path := filepath.Join(folder, tokenFile)
	body, err := os.ReadFile(path)
	if err == nil && strings.TrimSpace(string(body)) != "" {
		return strings.TrimSpace(string(body)), nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("read the token of the HTTP door: %w", err)
	}
	token := rand.Text()
	if err := os.WriteFile(path, []byte(token+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep the token of the HTTP door: %w", err)
	}
	return token, nil
}
