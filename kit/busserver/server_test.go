package busserver_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/kit/busserver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func options(t *testing.T) busserver.Options {
	t.Helper()
	return busserver.Options{
		StoreDir: t.TempDir(), Port: busserver.RandomPort, User: "u", Password: "p", SyncAlways: true,
	}
}

func start(t *testing.T, o busserver.Options) *busserver.Server {
	t.Helper()
	s, err := busserver.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Shutdown(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestServerListensOnLoopbackAndWantsItsPassword(t *testing.T) {
	t.Parallel()
	s := start(t, options(t))
	if !strings.HasPrefix(s.URL(), "nats://127.0.0.1:") {
		t.Errorf("the address is %s, want one on loopback", s.URL())
	}
	for name, opt := range map[string]nats.Option{
		"no password":      nats.Name("nobody"),
		"a wrong password": nats.UserInfo("u", "wrong"),
	} {
		if conn, err := nats.Connect(s.URL(), opt); err == nil {
			conn.Close()
			t.Errorf("connected with %s", name)
		}
	}
	conn, err := nats.Connect(s.URL(), nats.UserInfo("u", "p"))
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}

func TestStreamsSurviveARestart(t *testing.T) {
	t.Parallel()
	o := options(t)
	s := start(t, o)
	js, closeConn := connect(t, s)
	_, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "S", Subjects: []string{"s"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.Publish(t.Context(), "s", []byte("kept")); err != nil {
		t.Fatal(err)
	}
	closeConn()
	if err := errors.Join(s.Shutdown(), s.Shutdown()); err != nil { // twice does no harm
		t.Fatal(err)
	}
	js, closeConn = connect(t, start(t, o))
	defer closeConn()
	stream, err := js.Stream(t.Context(), "S")
	if err != nil {
		t.Fatal(err)
	}
	if m, err := stream.GetMsg(t.Context(), 1); err != nil || string(m.Data) != "kept" {
		t.Errorf("got %v, %v", m, err)
	}
}

func connect(t *testing.T, s *busserver.Server) (jetstream.JetStream, func()) {
	t.Helper()
	conn, err := nats.Connect(s.URL(), nats.UserInfo("u", "p"))
	if err != nil {
		t.Fatal(err)
	}
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	return js, conn.Close
}

func TestPortInUseIsSaidClearly(t *testing.T) {
	t.Parallel()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	o := options(t)
	o.Port = l.Addr().(*net.TCPAddr).Port
	_, err = busserver.Start(t.Context(), o)
	if !errors.Is(err, busserver.ErrInUse) || !strings.Contains(err.Error(), l.Addr().String()) {
		t.Errorf("%v, want ErrInUse with the address", err)
	}
}

func TestStoreInUseIsSaidClearly(t *testing.T) {
	t.Parallel()
	o := options(t)
	start(t, o)
	_, err := busserver.Start(t.Context(), o)
	if !errors.Is(err, busserver.ErrInUse) || !strings.Contains(err.Error(), o.StoreDir) {
		t.Errorf("%v, want ErrInUse with the directory", err)
	}
}

func TestStartRefuses(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*busserver.Options){
		"StoreDir":      func(o *busserver.Options) { o.StoreDir = "relative" },
		"Port":          func(o *busserver.Options) { o.Port = 70000 },
		"Password":      func(o *busserver.Options) { o.Password = "" },
		"MaxStoreBytes": func(o *busserver.Options) { o.MaxStoreBytes = -1 },
		"listen":        func(o *busserver.Options) { o.Host, o.Port = "192.0.2.1", 4222 }, // TEST-NET-1: not ours
	} {
		o := options(t)
		change(&o)
		if s, err := busserver.Start(t.Context(), o); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("started %v, %v; want an error that names %s", s, err, name)
		}
	}
}

func TestStartEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o := options(t)
	if _, err := busserver.Start(ctx, o); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want context.Canceled", err)
	}
	start(t, o) // and it left nothing behind
}
