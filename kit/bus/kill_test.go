package bus_test

import (
	"bufio"
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
	"github.com/grokputer/grokputer/kit/busserver"
)

// The environment of a test binary that is to be a server and nothing else.
const (
	serverDirEnv  = "BUS_TEST_SERVER_DIR"
	serverPortEnv = "BUS_TEST_SERVER_PORT"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(serverDirEnv); dir != "" {
		serve(dir, os.Getenv(serverPortEnv))
	}
	goleak.VerifyTestMain(m)
}

// serve runs a server until the process is killed, and says where it is.
func serve(dir, port string) {
	n, err := strconv.Atoi(port)
	if err == nil {
		var s *busserver.Server
		s, err = busserver.Start(context.Background(), busserver.Options{
			StoreDir: dir, Port: n, User: "u", Password: "p", SyncAlways: true,
		})
		if err == nil {
			fmt.Println(s.URL())
			<-time.After(2 * time.Minute)
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// killable is a server in a process of its own.
type killable struct {
	t    *testing.T
	dir  string
	port int
	cmd  *exec.Cmd
	url  string
}

func (k *killable) start() {
	k.t.Helper()
	program, err := os.Executable()
	if err != nil {
		k.t.Fatal(err)
	}
	k.cmd = exec.CommandContext(k.t.Context(), program)
	k.cmd.Env = append(os.Environ(), serverDirEnv+"="+k.dir, serverPortEnv+"="+strconv.Itoa(k.port))
	k.cmd.Stderr = os.Stderr
	out, err := k.cmd.StdoutPipe()
	if err != nil {
		k.t.Fatal(err)
	}
	if err := k.cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		k.t.Fatal(err)
	}
	k.url = strings.TrimSpace(line)
	u, err := url.Parse(k.url)
	if err != nil {
		k.t.Fatal(err)
	}
	if k.port, err = strconv.Atoi(u.Port()); err != nil {
		k.t.Fatal(err)
	}
}

func (k *killable) kill() {
	k.t.Helper()
	if err := k.cmd.Process.Kill(); err != nil {
		k.t.Error(err)
	}
	k.cmd.Wait()
}

// Whatever Publish has returned nil for is stored, once, though the server is
// killed in the middle of it all again and again.
func TestNothingAcknowledgedIsLostWhenTheServerIsKilled(t *testing.T) {
	t.Parallel()
	const publishers, each, kills = 4, 60, 3
	server := &killable{t: t, dir: t.TempDir(), port: busserver.RandomPort}
	server.start()
	t.Cleanup(func() { server.kill() })
	b, err := bus.Connect(deadline(t), bus.Options{URL: server.url, User: "u", Password: "p"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	if err := b.Provision(deadline(t)); err != nil {
		t.Fatal(err)
	}
	acknowledged := make(chan string, publishers*each)
	var wg sync.WaitGroup
	for p := range publishers {
		wg.Go(func() {
			for i := range each {
				id := fmt.Sprintf("%d-%d", p, i)
				err := b.Publish(deadline(t), contracts.SubjectTaskCancel(), contracts.TaskCancel{TaskID: id}, bus.WithID(id))
				if err != nil {
					t.Error(err)
				}
				acknowledged <- id
			}
		})
	}
	want := map[string]int{}
	for range kills {
		for range publishers * each / (kills + 1) {
			want[receive(t, acknowledged, "an acknowledgement")] = 0
		}
		server.kill()
		server.start()
	}
	wg.Wait()
	for len(acknowledged) > 0 {
		want[<-acknowledged] = 0
	}
	last, err := b.LastSequence(deadline(t), contracts.StreamTasks)
	if err != nil {
		t.Fatal(err)
	}
	err = b.Watch(deadline(t), contracts.StreamTasks, nil, bus.FromStart(), func(m bus.Message) error {
		want[m.ID()]++
		if m.Sequence == last {
			return bus.ErrStop
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(want) != publishers*each {
		t.Errorf("%d events, want %d", len(want), publishers*each)
	}
	for id, n := range want {
		if n != 1 {
			t.Errorf("%s is stored %d times, want once", id, n)
		}
	}
}
