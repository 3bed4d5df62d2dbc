package busserver_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/grokputer/grokputer/contracts"
)

// The configuration for a server of its own promises what the embedded one does.
func TestConfigurationForAServerOfItsOwn(t *testing.T) {
	t.Setenv("GROKPUTER_NATS_PASSWORD", "the-password")
	t.Setenv("GROKPUTER_NATS_STORE", t.TempDir())
	o, err := server.ProcessConfigFile(filepath.Join("..", "..", "deploy", "nats", "nats-server.conf"))
	if err != nil {
		t.Fatal(err)
	}
	if o.Host != "127.0.0.1" || o.Port != 4222 || !o.JetStream || !o.SyncAlways {
		t.Errorf("listens on %s:%d, JetStream %t, syncs always %t", o.Host, o.Port, o.JetStream, o.SyncAlways)
	}
	if o.MaxPayload < contracts.MaxEventBytes*3/2 {
		t.Errorf("a dead letter of the largest event does not fit into %d bytes", o.MaxPayload)
	}
	o.Port, o.NoSigs, o.NoLog = server.RANDOM_PORT, true, true
	s, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("not ready")
	}
	if conn, err := nats.Connect(s.ClientURL()); err == nil {
		conn.Close()
		t.Error("connected without a password")
	}
	conn, err := nats.Connect(s.ClientURL(), nats.UserInfo("grokputer", "the-password"))
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}
