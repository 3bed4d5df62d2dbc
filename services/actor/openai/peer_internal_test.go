//go:build peers

package openai

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/grokputer/grokputer/contracts/prompt"
	"github.com/grokputer/grokputer/services/actor"
)

// peerKey is what the server wants to be shown.
const peerKey = "peer-key"

// TestPeer asks a real server, llama_cpp.server with the base model. make
// test-peers installs it and says where in GROKPUTER_PEER_PYTHON and
// GROKPUTER_PEER_MODEL. The bare model is no planner: what counts is that its answers
// are actions that can be done, or are refused as ones that cannot.
func TestPeer(t *testing.T) {
	t.Parallel()
	url := serve(t) + "/v1"
	planner := func(t *testing.T, o Options) *Planner {
		t.Helper()
		o.URL, o.Model, o.MaxTokens, o.Pause = url, "smollm2", 40, time.Millisecond
		p, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.Close)
		return p
	}
	state := prompt.State{Task: "open the calculator"}
	may := actor.Constraint{Apps: []string{"calculator"}}
	planned := func(t *testing.T, d actor.Decision, err error) {
		t.Helper()
		switch {
		case err == nil:
			t.Logf("it says %s", d.Action)
		case !errors.Is(err, actor.ErrNoPlan) || !strings.Contains(err.Error(), `cannot be done, at last with "`):
			t.Errorf("plan: %v", err)
		}
	}
	t.Run("answers", func(t *testing.T) { //nolint:paralleltest // one server, one model
		p := planner(t, Options{Key: peerKey})
		if err := p.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
		text, err := p.complete(t.Context(), []message{{Role: "user", Content: "What is the capital of France?"}})
		if err != nil || !strings.Contains(text, "France") { // what else it says is the model's affair
			t.Errorf("the server says %q, %v", text, err)
		}
		d, err := p.Plan(t.Context(), state, may)
		planned(t, d, err)
	})
	t.Run("with a picture", func(t *testing.T) { //nolint:paralleltest // one server, one model
		var picture bytes.Buffer
		if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 64, 48))); err != nil {
			t.Fatal(err)
		}
		p := planner(t, Options{Key: peerKey, Images: true, Attempts: 2})
		d, err := p.PlanSeeing(t.Context(), state, may, func(context.Context) ([]byte, error) { return picture.Bytes(), nil })
		if err != nil && errors.Is(err, actor.ErrNoPlan) && strings.Contains(err.Error(), "status ") {
			t.Logf("a model without eyes is not asked: %v", err)
			return
		}
		planned(t, d, err)
	})
	t.Run("without the key", func(t *testing.T) { //nolint:paralleltest // one server, one model
		p := planner(t, Options{Key: "another"})
		if _, err := p.Plan(t.Context(), state, may); !errors.Is(err, actor.ErrNoModel) {
			t.Errorf("plan: %v", err)
		}
		if err := p.Ready(t.Context()); !errors.Is(err, actor.ErrNoModel) {
			t.Errorf("ready: %v", err)
		}
	})
	t.Run("no time", func(t *testing.T) { //nolint:paralleltest // one server, one model
		p := planner(t, Options{Key: peerKey, Timeout: time.Millisecond, Attempts: 2})
		if _, err := p.Plan(t.Context(), state, may); !errors.Is(err, actor.ErrNoPlan) || !strings.Contains(err.Error(), "no answer within 1ms") {
			t.Errorf("plan: %v", err)
		}
	})
	t.Run("too long", func(t *testing.T) { //nolint:paralleltest // one server, one model
		long := state
		long.Task = strings.Repeat("open the calculator ", 2000)
		p := planner(t, Options{Key: peerKey, Attempts: 2})
		if _, err := p.Plan(t.Context(), long, may); !errors.Is(err, actor.ErrNoPlan) || !strings.Contains(err.Error(), "status ") {
			t.Errorf("plan: %v", err)
		}
	})
	t.Run("not now", func(t *testing.T) { //nolint:paralleltest // one server, one model
		limited := may
		limited.Unfinished = "the calculator is not open"
		d, err := planner(t, Options{Key: peerKey}).Plan(t.Context(), state, limited)
		planned(t, d, err)
	})
}

// serve starts the server on a free port and returns its address once it answers.
func serve(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	// Tokens go in one by one: with more, llama.cpp as pip builds it ends with a
	// segmentation fault on processors with AMX (llama.cpp issue 20824).
	cmd := exec.CommandContext(t.Context(), os.Getenv("GROKPUTER_PEER_PYTHON"), "-m", "llama_cpp.server",
		"--model", os.Getenv("GROKPUTER_PEER_MODEL"), "--model_alias", "smollm2",
		"--host", "127.0.0.1", "--port", strconv.Itoa(port), "--n_threads", "2", "--n_batch", "1", "--api_key", peerKey)
	said, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended by itself
		_ = cmd.Wait()
	})
	ready := make(chan string, 1)
	go func() {
		const sign = "Uvicorn running on"
		var all strings.Builder
		buffer := make([]byte, 4096)
		for {
			n, err := said.Read(buffer)
			all.Write(buffer[:n])
			if strings.Contains(all.String(), sign) {
				ready <- ""
				_, _ = io.Copy(io.Discard, said)
				return
			}
			if err != nil {
				ready <- all.String()
				return
			}
		}
	}()
	select {
	case failure := <-ready:
		if failure != "" {
			t.Fatalf("llama_cpp.server ended: %s", failure)
		}
	case <-ctx.Done():
		t.Fatal("llama_cpp.server does not start")
	}
	return "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}
