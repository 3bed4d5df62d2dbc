package blobserver_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/grokputer/grokputer/kit/blobserver"
)

// parentEnv makes the test binary a program that starts a server and waits.
const parentEnv = "BLOBSERVER_TEST_PARENT_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(parentEnv); dir != "" {
		parent(dir)
	}
	goleak.VerifyTestMain(m)
}

func options(t *testing.T) blobserver.Options {
	t.Helper()
	return blobserver.Options{
		Dir: t.TempDir(), Port: blobserver.RandomPort, AccessKey: "access", SecretKey: "secret-key",
	}
}

func start(t *testing.T, o blobserver.Options) *blobserver.Server {
	t.Helper()
	s, err := blobserver.Start(t.Context(), o)
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

// status is what the server answers to a request that no one signed, 0 when no
// one answers.
func status(t *testing.T, endpoint, path string) int {
	t.Helper()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://"+endpoint+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return 0
	}
	if err := response.Body.Close(); err != nil {
		t.Error(err)
	}
	return response.StatusCode
}

// eventually waits until a condition that no signal tells of holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	look, late := time.NewTicker(10*time.Millisecond), time.After(30*time.Second)
	defer look.Stop()
	for !holds() {
		select {
		case <-look.C:
		case <-late:
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

func TestServerListensOnLoopbackAndWantsASignature(t *testing.T) {
	t.Parallel()
	before, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, options(t))
	if !strings.HasPrefix(s.Endpoint(), "127.0.0.1:") {
		t.Errorf("the endpoint is %s, want one on loopback", s.Endpoint())
	}
	if got := status(t, s.Endpoint(), "/"); got != http.StatusForbidden {
		t.Errorf("an unsigned request is answered with %d, want 403", got)
	}
	if after, err := os.Getwd(); err != nil || after != before {
		t.Errorf("the working directory became %s (%v)", after, err)
	}
	if err := errors.Join(s.Shutdown(), s.Shutdown()); err != nil {
		t.Error(err)
	}
	if got := status(t, s.Endpoint(), "/"); got != 0 {
		t.Errorf("it still answers (%d) after Shutdown", got)
	}
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
	_, err = blobserver.Start(t.Context(), o)
	if !errors.Is(err, blobserver.ErrInUse) || !strings.Contains(err.Error(), l.Addr().String()) {
		t.Errorf("%v, want ErrInUse with the address", err)
	}
}

func TestStartRefuses(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*blobserver.Options){
		"Dir":       func(o *blobserver.Options) { o.Dir = "relative" },
		"Port":      func(o *blobserver.Options) { o.Port = 70000 },
		"AccessKey": func(o *blobserver.Options) { o.AccessKey = "" },
		"listen":    func(o *blobserver.Options) { o.Host, o.Port = "192.0.2.1", 9000 }, // TEST-NET-1: not ours
	} {
		o := options(t)
		change(&o)
		if s, err := blobserver.Start(t.Context(), o); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("started %v, %v; want an error that names %s", s, err, name)
		}
	}
}

func TestStartSaysWhatTheChildSays(t *testing.T) {
	t.Parallel()
	o := options(t)
	// A file where the child wants to keep a bucket's metadata folder.
	if err := os.MkdirAll(filepath.Join(o.Dir, "objects"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(o.Dir, "metadata"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := blobserver.Start(t.Context(), o); err == nil || !strings.Contains(err.Error(), "metadata") {
		t.Errorf("%v, want an error that names the metadata", err)
	}
}

func TestStartEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := blobserver.Start(ctx, options(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want context.Canceled", err)
	}
}

func TestKilledChildIsStartedAgain(t *testing.T) {
	t.Parallel()
	o := options(t)
	s := start(t, o)
	old := child(t, o.Dir)
	if err := old.Kill(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it serves again", func() bool {
		return status(t, s.Endpoint(), "/healthz") == http.StatusOK && child(t, o.Dir).Pid != old.Pid
	})
}

func TestChildEndsWhenItsParentIsKilled(t *testing.T) {
	t.Parallel()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = append(os.Environ(), parentEnv+"="+t.TempDir())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	endpoint, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	endpoint = strings.TrimSpace(endpoint)
	if got := status(t, endpoint, "/healthz"); got != http.StatusOK {
		t.Fatalf("the server answers %d", got)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	eventually(t, "the orphan has ended", func() bool { return status(t, endpoint, "/healthz") == 0 })
}

// parent starts a server, says where it is and waits to be killed.
func parent(dir string) {
	s, err := blobserver.Start(context.Background(), blobserver.Options{
		Dir: dir, Port: blobserver.RandomPort, AccessKey: "access", SecretKey: "secret-key",
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(s.Endpoint()) //nolint:forbidigo // the answer to the test
	<-time.After(time.Minute)
	os.Exit(1)
}

// child finds the process that serves a folder: the one that works in it.
func child(t *testing.T, dir string) *os.Process {
	t.Helper()
	links, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil {
		t.Fatal(err)
	}
	found := &os.Process{}
	for _, link := range links {
		if cwd, err := os.Readlink(link); err == nil && cwd == filepath.Join(dir, "objects") {
			pid, err := strconv.Atoi(strings.Split(link, "/")[2])
			if err != nil {
				t.Fatal(err)
			}
			if found, err = os.FindProcess(pid); err != nil {
				t.Fatal(err)
			}
		}
	}
	return found
}
